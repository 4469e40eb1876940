"""How statements inside functions are planned, where a function says so.

A new version of a function loses the setting without a word when it does not say it again.
"""

from __future__ import annotations

import pytest

from tests.db.tools import column

pytestmark = pytest.mark.usefixtures("catalog")

BY_INDEX = {
    *("claim_digests", "fold_waiting_input", "get_session_summary", "get_step_facts", "own_counted_until"),
    *("own_projects", "own_projects_found", "release_digested"),
}
# Shipped so, and all they read is found by an index: nothing of theirs is priced as if it were vast.
COMPILED = {"get_session_summary", "get_step_facts"}


def which_say(setting: str) -> set[str]:
    """The functions of ours that are run with this setting."""
    asked = "select proname from pg_proc where pronamespace = 'public'::regnamespace and %s = any(proconfig)"
    return set(column(asked, setting))


def test_what_is_asked_for_one_is_planned_once() -> None:
    assert which_say("plan_cache_mode=force_generic_plan") == {
        "answer_state",
        "first_answer",
        "get_session_summary",
    }


def test_what_is_asked_for_few_or_for_all_is_planned_each_time() -> None:
    """One plan for both, as PostgreSQL makes it after five calls, reads the most where there is least."""
    assert which_say("plan_cache_mode=force_custom_plan") >= {"claim_digests", "fold_waiting_input"}


def test_what_is_asked_often_reads_no_table_whole() -> None:
    """Small ones neither."""
    assert which_say("enable_seqscan=off") == BY_INDEX


def test_what_is_kept_from_reading_tables_whole_is_not_compiled() -> None:
    """One that is read so nevertheless seems so dear to PostgreSQL 15 to 17 that it compiles first: 0.4 s."""
    assert BY_INDEX - which_say("jit=off") == COMPILED
