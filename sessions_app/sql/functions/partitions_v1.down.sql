drop function rows_of_no_month();
drop function drop_partition(text, timestamptz, integer);
drop function month_is_needed(text, timestamptz, timestamptz, integer);
drop function make_partition(text, timestamptz);
drop function missing_partitions(timestamptz);
drop function close_partition(text);
drop function partitions_kept();
