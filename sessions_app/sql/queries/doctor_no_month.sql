-- The tables kept by months of which some rows lie in no month's partition.
select parent, times from rows_of_no_month() where times > 0 order by parent
