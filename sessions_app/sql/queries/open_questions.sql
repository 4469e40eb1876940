-- A project's open questions with how far an answer reaches, those that hold something up first: a page of
-- them, from the first on or after one of them.
select
  q.id, q.text, q.agent_type, coalesce(nullif(u.display_name, ''), u.email, '') as asked_by, q.importance, q.category, q.options, q.created_at as asked_at, q.expires_at,
  r.frees, r.helps, q.blocks,
  (
    select coalesce(
      jsonb_agg(jsonb_build_object('id', i.id, 'title', i.title) order by i.changed_at, i.id), '[]'
    )
    from question_items qi
    join items i on i.id = qi.item_id and i.state = 'exploring'
    where qi.question_id = q.id
  ) as blocked_items
from questions q
join question_reach(%(project)s) r on r.question_id = q.id
left join users u on u.id = q.asked_by_id
where q.project_id = %(project)s and q.status = 'open' and (
  %(after_id)s::uuid is null
  or (not q.blocks, q.created_at, q.id)
    > (not %(after_blocks)s::boolean, %(after_asked_at)s::timestamptz, %(after_id)s::uuid)
)
order by q.blocks desc, q.created_at, q.id
limit %(most)s
