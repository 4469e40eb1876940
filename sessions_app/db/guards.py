"""What the database keeps by itself: policies, triggers, constraints, functions; as they are and should be.

`guards.json` beside this file has them as the migrations make them; a test compares it with a database made
from nothing, and `python -m tests.db.expected_guards` writes it. Tables of the job queue are left out: they
are its own. So are partitions: they come and go, have what their tables have, and nobody reaches one by
itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

FILE = Path(__file__).with_name("guards.json")

# The first two columns name a guard, the others are all that makes it one. The owner may have any name.
_QUERIES = {
    "policy": """
        select c.relname::text, p.polname::text, p.polpermissive as permissive, p.polcmd::text as command,
          array(
            select case
              when r = c.relowner then '(owner)' when r = 0 then 'public' else r::regrole::text
            end
            from unnest(p.polroles) as r order by 1
          ) as roles,
          coalesce(pg_get_expr(p.polqual, p.polrelid), '') as using,
          coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as check
        from pg_policy p join pg_class c on c.oid = p.polrelid
        where c.relnamespace = 'public'::regnamespace and not c.relispartition
          and c.relname not like 'procrastinate%'
    """,
    "trigger": """
        select c.relname::text, t.tgname::text, t.tgenabled::text as enabled, t.tgfoid::regproc::text as calls
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and not c.relispartition
          and c.relname not like 'procrastinate%'
    """,
    "unique index": """
        select t.relname::text, c.relname::text, pg_get_indexdef(i.indexrelid) as made_by,
          i.indisvalid as valid
        from pg_index i
        join pg_class c on c.oid = i.indexrelid
        join pg_class t on t.oid = i.indrelid
        where c.relnamespace = 'public'::regnamespace and i.indisunique and not t.relispartition
          and t.relname not like 'procrastinate%'
    """,
    # Of checks and foreign keys alone: not-null is a constraint since PostgreSQL 18 only.
    "constraint": """
        select c.relname::text, k.conname::text, pg_get_constraintdef(k.oid) as made_by,
          k.convalidated as valid
        from pg_constraint k join pg_class c on c.oid = k.conrelid
        where k.connamespace = 'public'::regnamespace and k.contype in ('c', 'f') and not c.relispartition
          and c.relname not like 'procrastinate%'
    """,
    # A body that the server keeps as text is told by its digest, for it stands in sessions_app/sql.
    "function": """
        select 'public', p.oid::regprocedure::text,
          coalesce(pg_get_function_sqlbody(p.oid), md5(p.prosrc)) as body, l.lanname::text as language,
          pg_get_function_result(p.oid) as returns, p.provolatile::text as volatility,
          p.prosecdef as lends_rights, p.proowner = m.relowner as is_the_owners,
          array(select unnest(p.proconfig) order by 1) as settings
        from pg_proc p
        join pg_language l on l.oid = p.prolang
        join pg_class m on m.oid = 'django_migrations'::regclass
        where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p')
          and p.proname not like 'procrastinate%'
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    """,
}

# Texts, and names that are written as texts are.
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
# Stands for what was quoted: PostgreSQL knows no text that holds it.
_MARK = "\0"
# Parentheses about one value or one list of values.
_NEEDLESS = re.compile(rf"\(({_MARK}|\w+|ARRAY\[[^\[\]()]*\])\)")

# By kind, then by "table.name": what makes it one.
Guards = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Difference:
    """A guard that is not as the migrations make it; None: it is not there, or none of theirs."""

    kind: str
    table: str
    name: str
    expected: dict[str, Any] | None
    found: dict[str, Any] | None


def expected() -> Guards:
    """The guards as the migrations of this release make them."""
    guards: Guards = json.loads(FILE.read_text(encoding="utf-8"))
    return guards


def found() -> Guards:
    """The guards that the database has."""
    guards: Guards = {}
    with connection.cursor() as cursor:
        for kind, query in _QUERIES.items():
            cursor.execute(query)
            names = [column.name for column in cursor.description[2:]]
            guards[kind] = {
                f"{table}.{name}": dict(zip(names, rest, strict=True))
                for table, name, *rest in cursor.fetchall()
            }
    return guards


def differences() -> Iterator[Difference]:
    """Where the database has other guards than the migrations make.

    Anything else more is nothing that was lost; a policy more lets rows through beside the others.
    """
    should, now = expected(), found()
    for kind, guards in should.items():
        for key in sorted(guards.keys() | (now[kind].keys() if kind == "policy" else ())):
            wanted, there = guards.get(key), now[kind].get(key)
            table, _, name = key.partition(".")
            if _plain(wanted, table) != _plain(there, table):
                yield Difference(kind, table, name, wanted, there)


def plain(told: str, table: str = "public") -> str:
    """What the catalog tells, without what versions of PostgreSQL and restores of a dump spell differently.

    That is spaces, names that need not be told (of the schema, and of the guard's own `table`), and casts of
    texts to texts with the parentheses about them. What is quoted stays as it is.
    """
    quoted = iter(_QUOTED.findall(told))
    told = _QUOTED.sub(_MARK, told)
    names = rf"\b(public|{re.escape(table)})\."
    told = re.sub(rf"\bAS \w+|{names}|::(text|character varying)(\[\])?|\s", "", told)
    while (shorter := _NEEDLESS.sub(r"\1", told)) != told:
        told = shorter
    return re.sub(_MARK, lambda _: next(quoted), told)


def _plain(guard: dict[str, Any] | None, table: str) -> dict[str, Any] | None:
    if guard is None:
        return None
    return {name: plain(value, table) if isinstance(value, str) else value for name, value in guard.items()}
