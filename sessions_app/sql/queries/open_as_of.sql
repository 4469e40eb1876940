-- The questions and blockers that were open at a version, rebuilt from the ledger: asked or raised up to
-- there, and not ended up to there. The oldest `most` of each, with how many there were of its noun.
with told as (
  select a.* from activities a
  where a.project_id = %(project)s and a.version <= %(version)s
    and (a.kind like 'question.%%' or a.kind like 'blocker.%%')
),
ended as (
  select coalesce(t.blocker_id, t.question_id) as id from told t
  where t.kind in (
    'question.answered', 'question.dismissed', 'question.expired', 'blocker.cleared', 'blocker.dismissed'
  )
),
changed as (
  select distinct on (t.blocker_id) t.blocker_id as id, t.data ->> 'text' as text from told t
  where t.kind = 'blocker.changed'
  order by t.blocker_id, t.id desc
),
begun as (
  select coalesce(t.blocker_id, t.question_id) as id, split_part(t.kind, '.', 1) as noun, t.id as place,
    t.data ->> 'text' as text, coalesce(t.data ->> 'type', '') as type, t.created_at as since,
    t.actor_id, t.actor_agent
  from told t
  where t.kind in ('question.asked', 'blocker.raised')
),
standing as (
  select b.*, count(*) over (partition by b.noun) as total,
    row_number() over (partition by b.noun order by b.place) as number
  from begun b
  where not exists (select from ended e where e.id = b.id)
)
select s.id, s.noun, s.type, s.since, s.total, coalesce(c.text, s.text) as text,
  coalesce(nullif(s.actor_agent, ''), nullif(u.display_name, ''), u.email, '') as who,
  s.actor_agent <> '' as is_agent
from standing s
left join changed c on c.id = s.id
left join users u on u.id = s.actor_id
where s.number <= %(most)s
order by s.noun, s.number
