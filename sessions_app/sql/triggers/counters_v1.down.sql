drop trigger blockers_counted on blockers;
drop trigger questions_counted on questions;
drop function count_open();
drop trigger items_removed on items;
drop trigger items_changed on items;
drop trigger items_added on items;
drop function count_items_removed();
drop function count_items_added();
drop function count_items();
