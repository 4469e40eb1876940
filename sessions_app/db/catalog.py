"""A database's schema as the catalog tells it, in a shape that two databases can be compared by."""

from __future__ import annotations

from typing import Any

# Each names things and tells all about them, so that a difference says where it is.
QUERIES = {
    "tables": """
        select relname::text, relkind::text, relrowsecurity, relforcerowsecurity, relowner::regrole::text,
          coalesce(reloptions, '{}')
        from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')
    """,
    "columns": """
        select attrelid::regclass::text || '.' || attname, format_type(atttypid, atttypmod), attnotnull,
          attidentity::text, pg_get_expr(d.adbin, d.adrelid)
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm')
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
    """,
    "partitions": """
        select c.relname::text, i.inhparent::regclass::text, pg_get_expr(c.relpartbound, c.oid)
        from pg_class c join pg_inherits i on i.inhrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relispartition
    """,
    "constraints": """
        select conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid), convalidated
        from pg_constraint where connamespace = 'public'::regnamespace
    """,
    "indexes": """
        select indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid
        from pg_index i join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'public'::regnamespace
    """,
    "functions": """
        select oid::regprocedure::text, pg_get_functiondef(oid), proowner::regrole::text
        from pg_proc where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
    """,
    "triggers": """
        select tgrelid::regclass::text || '.' || tgname, pg_get_triggerdef(oid), tgenabled::text
        from pg_trigger where not tgisinternal
    """,
    "policies": """
        select tablename || '.' || policyname, permissive, roles::text[], cmd, qual, with_check
        from pg_policies where schemaname = 'public'
    """,
    "grants on tables": """
        select relname::text || ' to ' || coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC') || ': '
          || privilege_type
        from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
    """,
    "grants on functions": """
        select p.oid::regprocedure::text || ' to ' || coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC')
        from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))
        where p.pronamespace = 'public'::regnamespace
    """,
    "grants of tomorrow": """
        select d.defaclrole::regrole::text || ' in ' || coalesce(n.nspname, 'all')
          || ' on ' || d.defaclobjtype::text
          || ' to ' || coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC') || ': ' || privilege_type
        from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace, aclexplode(d.defaclacl)
    """,
}

# A partition's times, and those in constraints, are told in the session's own zone and style.
TOLD_ALIKE = "set timezone to 'UTC'; set datestyle to 'ISO'"

Schema = dict[str, dict[str, Any]]


def schema(connection: Any) -> Schema:  # noqa: ANN401 -- Django's connection or psycopg's, which share no type
    """All there is in schema public: for each kind of thing, by name, what it is.

    Argument: a connection whose `cursor()` is a context manager; it tells times in UTC afterwards.
    """
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(TOLD_ALIKE)
        for kind, query in QUERIES.items():
            cursor.execute(query)
            found[kind] = {name: rest for name, *rest in cursor.fetchall()}
    return found
