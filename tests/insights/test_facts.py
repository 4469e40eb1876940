from dataclasses import FrozenInstanceError

import pytest

from sessions_app.insights.facts import Mark, ProjectFacts
from tests.insights.cast import question, uid


def test_facts_cannot_be_changed_while_they_are_ranked():
    with pytest.raises(FrozenInstanceError):
        question(1).blocked_count = 2


def test_facts_are_values():
    assert question(1) == question(1)
    assert hash(question(1)) == hash(question(1))


def test_an_empty_project_needs_no_lists():
    facts = ProjectFacts(uid(999), total_items=0, exploring=0, version=1)
    assert facts.questions == facts.longest_idle == ()


def test_a_mark_without_an_end_holds_until_its_subject_changes():
    assert Mark("question:x", "snoozed", 1).until is None
