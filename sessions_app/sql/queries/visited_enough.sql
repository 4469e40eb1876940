-- The project's parked items whose number of visits has come.
select v.item_id as id from items_visited_enough() as v where v.project_id = %(project)s
