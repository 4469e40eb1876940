"""How statements inside functions are planned, where a function says so."""

from __future__ import annotations

import pytest

from tests.db.tools import owner_rows

# Shipped so, and all they read is found by an index: nothing of theirs is priced as if it were vast.
BY_INDEX_ALONE = {"get_session_summary", "get_step_facts"}


@pytest.mark.usefixtures("catalog")
def test_what_is_kept_from_reading_tables_whole_is_not_compiled() -> None:
    """One that is read so nevertheless seems so dear to PostgreSQL 15 to 17 that it compiles first: 0.4 s."""
    functions = owner_rows(
        "select proname, proconfig from pg_proc"
        " where pronamespace = 'public'::regnamespace and 'enable_seqscan=off' = any(proconfig)"
    )
    assert {name for name, config in functions if "jit=off" not in config} == BY_INDEX_ALONE
