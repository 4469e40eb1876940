drop function search_project(uuid, tsquery, text[], boolean, integer);
drop function search_query(text, boolean, text, text);
-- With the columns their indexes go.
alter table questions drop column search;
alter table messages drop column search;
alter table items drop column search;
drop function search_project_word(uuid);
drop function search_list(text[]);
drop function search_words(text, "char");
