-- "Decided without you": what is decided now by somebody else, after a person's base version, and was
-- not handled by them yet: neither accepted at this very decision, nor contested by themselves.
--
-- The one place of this rule: the summary counts it and the pages and the API list it. Without a base
-- (a first visit) there is none. A short range of the index items_decided_since, and a look at
-- activities_contested for each.
create or replace function unseen_decisions(p_user uuid, p_project uuid, p_base bigint)
  returns setof items
  language sql stable
as $$
  select i.*
  from items i
  where i.project_id = p_project
    and i.state = 'decided'
    and i.decided_version > p_base
    and i.state_by_id is distinct from p_user
    -- By the ledger: the item forgets who contested it when somebody confirms it, or contests it too.
    and not exists (
      select from activities a
      where a.project_id = p_project and a.item_id = i.id and a.kind = 'item.contested'
        and a.version > i.decided_version
        -- Said so that no index answers it: that one has all that this person ever did, anywhere.
        and (a.actor_id = p_user) is true
    )
    and not exists (
      select from decision_looks k
      join memberships m on m.id = k.membership_id
      where k.project_id = p_project and k.item_id = i.id and k.decided_version = i.decided_version
        and m.user_id = p_user
    )
$$;
