"""Erasing a person: who they were is nowhere any more, what happened stays, others' words too."""

from __future__ import annotations

import builtins
import datetime as dt
import json
import uuid
from collections.abc import Callable
from io import StringIO

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from sessions_app import clock
from sessions_app import ledger as door
from sessions_app.db.retry import sqlstate
from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_agent, acting_as_system
from sessions_app.models import (
    AgentToken,
    Invitation,
    Item,
    Membership,
    Message,
    Project,
    ProjectCounter,
    Question,
    SeenEvent,
    Session,
    SessionAnalytics,
    StepMark,
    User,
)
from sessions_app.services import (
    analytics,
    hand_offs,
    items,
    members,
    messages,
    people,
    projects,
    questions,
    reviews,
    sessions,
    waking,
)
from sessions_app.services.errors import Conflict, NotFound
from tests import factories
from tests.conftest import Cast
from tests.db.tools import CHECK_VIOLATION, INSUFFICIENT_PRIVILEGE, attempt, column
from tests.doing import (
    again,
    as_system,
    at_once,
    counter,
    do,
    every,
    ledger,
    nothing_changes,
    report,
    the,
)
from tests.services import ledger_shapes

ERASED = "(erased)"
NAMELESS = "Erased person"
# In the cast's project Bob is somebody whom a search of all tables finds.
NAME, MAIL, OTHER_MAIL = "Quillon Vexley", "quillon@vexley.example", "q.vexley@work.example"
SAID = "zugunruhe"  # in each text that is Quillon's own


@pytest.fixture
def told(cast: Cast) -> Cast:
    """Lighthouse, in which Quillon (as Bob) and Ann did the same things, each in their own words."""
    User.objects.filter(id=cast.bob.id).update(
        display_name=NAME, email=MAIL, time_zone="Europe/Oslo", hides_agents=True, last_login=clock.now()
    )
    cast.bob.refresh_from_db()
    for who, word in (("bob", SAID), ("ann", "beacon")):
        user = getattr(cast, who)
        decided, parked, again_explored, plain = (
            do(cast, who, items.add_item, title=f"{title} of {who}", text="What it is")
            for title in ("Lamp", "Horn", "Tower", "Stairs")
        )
        do(
            cast,
            who,
            items.decide_item,
            decided.id,
            reason=f"Why {word}",
            outcome="accepted",
            alternatives=[f"Not {word}"],
        )
        do(cast, who, items.park_item, again_explored.id, reason=f"First {word}")
        do(cast, who, items.explore_item, again_explored.id, reason=f"Then {word}")
        do(cast, who, items.decide_item, plain.id)
        do(cast, who, items.park_item, parked.id, reason=f"Later {word}", wake_at=_soon())
        said = do(cast, who, messages.post_message, text=f"I say {word}")
        with acting_as(user.id):
            Item.objects.filter(id=decided.id).update(
                citation_quote=f"say {word}", citation_message_id=said.id
            )
        report(cast, "planner", {"questions": [{"question": f"What does {who} mean?"}]})
        question = the(Question, cast, status="open")
        do(cast, who, questions.answer_question, question.id, answer=f"It means {word}")
        with acting_as(user.id):
            sessions.start_session(user.id, cast.project.id, metadata={"browser": word})
            hand_offs.leave_hand_off(cast.project.id, cast.actor(who), text=f"I leave {word}")
            members.invite(cast.project.id, user, role="viewer", email="guest@example.org")
    as_system(cast, waking.wake_due, _soon() + dt.timedelta(days=2))
    with acting_as(cast.ann.id):
        members.invite(cast.project.id, cast.ann, role="viewer", email=MAIL.upper())
        members.invite(cast.project.id, cast.ann, role="viewer", email=OTHER_MAIL)
    for who in ("ann", "bob"):
        with acting_as(getattr(cast, who).id):
            analytics.get_summary(getattr(cast, who).id, cast.project.id)
    do(cast, "ann", members.change_role, cast.bob.id, role="viewer")
    do(cast, "ann", members.change_role, cast.bob.id, role="editor")
    _account(cast.bob)
    _left_over(cast)
    return cast


def test_who_they_were_and_what_they_said_is_nowhere(told: Cast) -> None:
    """Looked for in every column of every table, as the owner; before that it is in many."""
    for word in (NAME, MAIL, OTHER_MAIL, SAID):
        assert found(word), word
    assert {"users", "activities", "items", "messages", "questions", "session_analytics"} <= set(
        found("vexley") + found(SAID)
    )
    erase(told.bob)
    for word in (NAME, "vexley", MAIL, OTHER_MAIL, SAID):
        assert found(word) == [], word


def test_the_person_stays_as_an_anonymous_actor(told: Cast) -> None:
    User.objects.filter(id=told.bob.id).update(is_staff=True, is_superuser=True)
    erase(told.bob)
    left = again(told.bob)
    assert (left.display_name, left.email) == (NAMELESS, f"erased-{left.id}@erased.invalid")
    assert (left.is_active, left.is_staff, left.is_superuser, left.hides_agents) == (False,) * 4
    assert (left.time_zone, left.last_login, left.has_usable_password()) == ("UTC", None, False)
    assert not left.user_permissions.exists()
    assert left.created_at == told.bob.created_at
    assert not EmailAddress.objects.filter(user=told.bob).exists()
    assert LogEntry.objects.get().object_repr == NAMELESS
    # And everybody else is who they were.
    assert EmailAddress.objects.get().email == "ann@example.org"
    assert again(told.ann).password == told.ann.password


def test_nobody_signs_in_as_them_and_open_browsers_are_signed_out(told: Cast) -> None:
    browser = Client()
    browser.force_login(told.bob, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(reverse("profile")).status_code == 200
    erase(told.bob)
    assert browser.get(reverse("profile")).status_code == 302
    for email in (MAIL, OTHER_MAIL, again(told.bob).email):
        for password in (factories.PASSWORD, again(told.bob).password, ""):
            assert authenticate(None, email=email, username=email, password=password) is None
    answer = Client().post(reverse("account_login"), {"login": MAIL, "password": factories.PASSWORD})
    assert answer.status_code == 422
    assert "_auth_user_id" not in answer.client.session
    # The address is free for somebody new, who is another person.
    assert User.objects.create_user(MAIL, factories.PASSWORD, display_name="New").id != told.bob.id


def test_their_texts_go_and_others_stay(told: Cast) -> None:
    before = {row.id: row for model in (Item, Message, Question) for row in every(model, told)}
    erase(told.bob)
    for row in every(Message, told, user_id=told.bob.id):
        assert (row.text, row.metadata, row.deleted_at is not None) == ("", {}, True)
    for row in every(Question, told):
        theirs = row.ended_by_id == told.bob.id
        assert row.answer == (ERASED if theirs else "It means beacon")
        assert (row.text, row.status) == (before[row.id].text, "answered")
    reasons = {item.title: item.reason for item in every(Item, told)}
    assert reasons == {
        "Lamp of bob": ERASED,
        "Horn of bob": ERASED,
        "Tower of bob": ERASED,
        "Stairs of bob": "",
        "Lamp of ann": "Why beacon",
        "Horn of ann": "Later beacon",
        "Tower of ann": "Then beacon",
        "Stairs of ann": "",
    }
    alternatives = {item.title: item.alternatives for item in every(Item, told) if item.is_decided}
    assert alternatives == {
        "Lamp of bob": [],
        "Stairs of bob": [],
        "Lamp of ann": ["Not beacon"],
        "Stairs of ann": [],
    }
    quotes = {item.title: item.citation_quote for item in every(Item, told) if item.citation_quote}
    assert quotes == {"Lamp of bob": ERASED, "Lamp of ann": "say beacon"}
    for row in [*every(Item, told), *every(Message, told, user_id=told.ann.id)]:
        assert row.text == before[row.id].text, "content stays"
    for item in every(Item, told):
        kept = ("title", "text", "state", "outcome", "version", "state_version", "state_by_id", "wake_at")
        assert [getattr(item, name) for name in kept] == [getattr(before[item.id], name) for name in kept]


def test_their_contests_lose_their_words_and_contested_decisions_theirs(told: Cast) -> None:
    (lamp, tower) = (the(Item, told, title=f"Lamp of {who}") for who in ("ann", "bob"))
    do(told, "bob", reviews.contest_item, lamp.id, reason=f"Against it: {SAID}")
    do(told, "ann", reviews.contest_item, tower.id, reason="Against it: beacon")
    erase(told.bob)
    assert (found(NAME), found(SAID)) == ([], [])
    assert (again(lamp).reason, again(lamp).contest_reason) == ("Why beacon", ERASED)
    assert (again(tower).reason, again(tower).contest_reason) == (ERASED, "Against it: beacon")
    theirs, others = (the(Question, told, asked_by=who, status="open") for who in (told.bob.id, told.ann.id))
    assert theirs.text == ERASED
    assert others.text == "Ann contests the decision “Lamp of bob”: Against it: beacon. Does it stand?"
    for row in ledger(told):
        ledger_shapes.check(row)


def test_the_ledger_keeps_its_rows_without_their_words(told: Cast) -> None:
    before = {row.id: row for row in ledger(told)}
    version = counter(told).version
    erase(told.bob)
    after = ledger(told)
    assert [row.id for row in after][: len(before)] == list(before), "no row goes"
    for row in after:
        ledger_shapes.check(row)
        if row.id not in before:
            continue
        was = before[row.id]
        assert (row.kind, row.version, row.actor_id, row.created_at) == (
            *(was.kind, was.version, was.actor_id, was.created_at),
        )
        expected = dict(was.data)
        if SAID in expected.get("reason", ""):
            expected["reason"] = ERASED
        if SAID in str(expected.get("alternatives")):
            del expected["alternatives"]
        if (was.kind, was.actor_id) == ("hand_off.left", told.bob.id):
            expected["text"] = ERASED
        if expected.get("member", {}).get("id") == str(told.bob.id):
            expected["member"] = {"id": str(told.bob.id), "name": NAMELESS}
        assert row.data == expected, row.kind
    assert {row.kind for row in before.values() if SAID in str(row.data)} >= {
        *("item.decided", "item.parked", "item.explored", "item.woke", "hand_off.left")
    }
    (new,) = (row for row in after if row.id not in before)
    assert (new.kind, new.version, new.actor_kind, new.data) == (
        *("member.removed", version + 1, "system"),
        {"member": {"id": str(told.bob.id), "name": NAMELESS}},
    )


def test_counts_and_versions_are_right(told: Cast) -> None:
    before = counter(told)
    erase(told.bob)
    after = counter(told)
    names = ("exploring", "decided", "parked", "questions_open", "blockers_open")
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]
    assert after.version == before.version + 1
    assert sorted({row.version for row in ledger(told)}) == list(range(1, after.version + 1)), "no gap"
    for item in every(Item, told):
        told_last = [
            row.data["reason"] for row in ledger(told) if row.item_id == item.id and "reason" in row.data
        ]
        assert item.reason == (told_last[-1] if told_last else ""), "the fold of its rows"
    with acting_as_admin():
        assert ProjectCounter.objects.get(project=told.other).version == 1, "not theirs, not touched"


def test_their_part_in_projects_ends(told: Cast) -> None:
    erase(told.bob)
    assert every(Membership, told, user_id=told.bob.id) == []
    assert every(SessionAnalytics, told, user_id=told.bob.id) == []
    assert [mark.membership.user_id for mark in every_mark(told)] == [told.ann.id]
    assert [event.actor for event in every(SeenEvent, told)] == ["planner"]
    visits = sessions_of(told, told.bob)
    assert [(visit.is_active, visit.metadata) for visit in visits] == [(False, {})]
    assert visits[0].session_end == visits[0].last_activity
    assert [(v.is_active, v.metadata) for v in sessions_of(told, told.ann)] == [(True, {"browser": "beacon"})]
    with acting_as(told.bob.id):
        assert not Project.objects.exists()


def test_their_invitations_are_revoked_and_those_to_them_nameless(told: Cast) -> None:
    erase(told.bob)
    theirs = the(Invitation, told, invited_by=told.bob)
    assert (theirs.revoked_at is not None, theirs.email) == (True, "guest@example.org")
    others = every(Invitation, told, invited_by=told.ann)
    assert [(i.email, i.revoked_at) for i in others] == [("guest@example.org", None), ("", None), ("", None)]


def test_others_see_it_on_their_next_look(told: Cast) -> None:
    """Steps that quoted a reason are computed anew; nothing they did is lost."""
    erase(told.bob)
    assert [row.suggested_next_steps for row in every(SessionAnalytics, told, user_id=told.ann.id)] == [[]]
    with acting_as(told.ann.id):
        summary = analytics.get_summary(told.ann.id, told.project.id)
    assert summary["suggestedNextSteps"]
    assert SAID not in str(summary)
    assert summary["computedVersion"] == summary["version"]


def test_a_reason_an_import_gave_since_stays(told: Cast) -> None:
    """An import's own words are the source's, also where the person had brought the item there."""
    lamp = the(Item, told, title="Lamp of bob")
    with acting_as_system([told.project.id]):
        with door.change(told.project.id, door.Actor.system()) as change:
            for reason in (lamp.reason, "The source says"):
                change.record(
                    door.Kind.ITEM_EDITED,
                    item_id=lamp.id,
                    title=lamp.title,
                    text="",
                    before={"title": lamp.title, "text": ""},
                    reason=reason,
                )
        Item.objects.filter(id=lamp.id).update(reason="The source says")
    erase(told.bob)
    assert again(lamp).reason == "The source says"
    assert [row.data["reason"] for row in ledger(told) if row.kind == "item.edited"] == [
        ERASED,
        "The source says",
    ]
    assert found(SAID) == []


def test_the_same_words_of_another_are_theirs(cast: Cast) -> None:
    (lamp,) = at_lamp(cast)
    do(cast, "bob", items.park_item, lamp.id, reason="Too dear")
    do(cast, "ann", items.explore_item, lamp.id)
    do(cast, "ann", items.park_item, lamp.id, reason="Too dear", wake_at=_soon())
    as_system(cast, waking.wake_due, _soon() + dt.timedelta(days=2))
    erase(cast.bob)
    assert [(row.kind, row.data["reason"]) for row in ledger(cast) if row.data.get("reason")] == [
        ("item.parked", ERASED),
        ("item.parked", "Too dear"),
        ("item.woke", "Too dear"),
    ]
    assert again(lamp).reason == "Too dear"


def test_what_they_said_in_a_project_they_left_goes_too(told: Cast) -> None:
    do(told, "ann", members.remove_member, told.bob.id)
    version = counter(told).version
    erase(told.bob)
    assert counter(told).version == version + 1
    assert [row.kind for row in ledger(told, version)] == ["member.removed"]
    for word in ("vexley", SAID):
        assert found(word) == [], word


def test_whoever_left_and_never_said_a_word_is_erased_from_others_rows(cast: Cast) -> None:
    do(cast, "ann", members.remove_member, cast.vera.id)
    assert found("vera") == ["activities", "users"]
    erase(cast.vera)
    assert found("vera") == []
    assert [row.data["member"]["name"] for row in ledger(cast, 1)] == [NAMELESS, NAMELESS]


def test_an_only_owner_is_refused_and_nothing_changes(told: Cast) -> None:
    with acting_as(told.bob.id):
        for title in ("Harbour", "Quay"):
            projects.create_project(told.bob, title=title)
    before = everything()
    with pytest.raises(Conflict, match=r"^this person is the only owner of Harbour, Quay: hand over"):
        erase(told.bob)
    with pytest.raises(CommandError, match="only owner of Harbour, Quay"):
        call_command("erase_user", MAIL, yes=True)
    assert everything() == before
    with pytest.raises(DatabaseError) as refused, acting_as_admin(), connection.cursor() as cursor:
        cursor.execute("select erase_person(%s)", [told.bob.id])
    assert sqlstate(refused.value) == CHECK_VIOLATION


def test_an_owner_among_owners_may_go(told: Cast) -> None:
    do(told, "ann", members.change_role, told.bob.id, role="owner")
    erase(told.bob)
    assert [row.user_id for row in every(Membership, told, role="owner")] == [told.ann.id]


def test_only_the_admin_may(told: Cast) -> None:
    with acting_as_system([told.project.id]):
        token = AgentToken.objects.create(
            project=told.project, agent_type="planner", token_hash="x" * 64, created_by=told.ann
        )
    before = everything()
    assert attempt("select erase_person(%s)", told.bob.id) == INSUFFICIENT_PRIVILEGE
    for context in (
        acting_as(told.ann.id),
        acting_as(told.bob.id),
        acting_as_agent(token.id),
        acting_as_system([told.project.id, told.other.id]),
    ):
        with pytest.raises(DatabaseError) as refused, context:
            people.erase_person(told.bob.id)
        assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE
    assert everything() == before


def test_twice_changes_nothing_more(told: Cast) -> None:
    erase(told.bob)
    before = everything()
    erase(told.bob)
    assert everything() == before


def test_an_unknown_person_is_not_found(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(NotFound):
        people_erase(uuid.uuid4())
    with acting_as_admin():
        assert attempt("select erase_person(%s)", uuid.uuid4()) == "P0002"


def test_two_owners_at_once_leave_one(cast: Cast) -> None:
    """Both may go while the other stays: the second one is refused, whoever that is."""
    do(cast, "ann", members.change_role, cast.bob.id, role="owner")
    results = at_once(*(_command(f"{name}@example.org") for name in ("ann", "bob")))
    assert sorted(type(result).__name__ for result in results) == ["CommandError", "NoneType"]
    assert len(every(Membership, cast, role="owner")) == 1
    versions = sorted({row.version for row in ledger(cast)})
    assert versions[-1] == counter(cast).version


def test_while_they_act_nothing_of_it_stays(cast: Cast) -> None:
    """A message that is posted at that moment is erased with the others, or refused."""
    do(cast, "ann", members.change_role, cast.vera.id, role="editor")

    def posting() -> None:
        for _ in range(20):
            do(cast, "bob", messages.post_message, text=SAID)

    erased, _posted = at_once(_command("bob@example.org"), posting)
    assert erased is None
    assert again(cast.bob).display_name == NAMELESS
    assert found(SAID) == []
    versions = sorted({row.version for row in ledger(cast)})
    assert versions == list(range(1, counter(cast).version + 1))


# --- the command ---------------------------------------------------------------------------------


def test_the_command_asks_for_the_e_mail_again(told: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()
    for typed in ("", "yes", "ann@example.org"):
        monkeypatch.setattr(builtins, "input", lambda _prompt, typed=typed: typed)
        with pytest.raises(CommandError, match="Nothing was erased"):
            call_command("erase_user", MAIL, stdout=StringIO())
    monkeypatch.setattr(builtins, "input", _nobody)
    with pytest.raises(CommandError, match="--yes"):
        call_command("erase_user", MAIL, stdout=StringIO())
    assert everything() == before
    monkeypatch.setattr(builtins, "input", lambda _prompt: f" {MAIL.upper()} ")
    said = StringIO()
    call_command("erase_user", MAIL, stdout=said)
    assert NAME in said.getvalue()
    assert found("vexley") == []


def test_the_command_finds_an_e_mail_in_any_case_and_only_once(told: Cast) -> None:
    said = StringIO()
    call_command("erase_user", MAIL.title(), "--yes", stdout=said)
    assert "is erased" in said.getvalue()
    before = everything()
    for email in (MAIL, "nobody@example.org", "", "a\x00b"):
        with pytest.raises(CommandError):
            call_command("erase_user", email, "--yes")
    with pytest.raises(CommandError, match=f"Nobody has the e-mail {MAIL}"):
        call_command("erase_user", MAIL, "--yes")
    assert everything() == before


def test_a_dry_run_erases_nobody_and_is_refused_what_an_erasing_is(told: Cast) -> None:
    before, said = everything(), StringIO()
    call_command("erase_user", MAIL, "--dry-run", "--json", stdout=said)
    would = json.loads(said.getvalue())
    assert (would["dry_run"], would["person"]) == (True, str(told.bob.id))
    assert would["projects"] == [str(told.project.id)]
    with pytest.raises(CommandError, match="only owner of Lighthouse"):
        call_command("erase_user", "ann@example.org", "--dry-run")
    with pytest.raises(CommandError, match="add --yes"):
        call_command("erase_user", MAIL, "--json")
    assert everything() == before


# --- helpers -------------------------------------------------------------------------------------


def erase(user: User) -> None:
    people_erase(user.id)


def people_erase(user_id: uuid.UUID) -> None:
    with acting_as_admin():
        people.erase_person(user_id)


def tables() -> list[str]:
    return column("select tablename::text from pg_tables where schemaname = 'public' order by 1")


def found(word: str) -> list[str]:
    """The tables in which some row, written out whole, holds the word."""
    return [
        table
        for table in tables()
        if column(f'select 1 from "{table}" t where t::text ilike %s limit 1', f"%{word}%")
    ]


def everything() -> dict[str, list[str]]:
    """Every row of every table."""
    return {table: column(f'select t::text from "{table}" t order by 1') for table in tables()}


def sessions_of(cast: Cast, user: User) -> list[Session]:
    return every(Session, cast, user_id=user.id)


def every_mark(cast: Cast) -> list[StepMark]:
    with acting_as_admin():
        return list(StepMark.objects.filter(project_id=cast.project.id).select_related("membership"))


def at_lamp(cast: Cast) -> list[Item]:
    return [do(cast, "ann", items.add_item, title="Lamp")]


def _soon() -> dt.datetime:
    return clock.now() + dt.timedelta(days=1)


def _nobody(_prompt: str) -> str:
    raise EOFError


def _command(email: str) -> Callable[[], None]:
    return lambda: call_command("erase_user", email, yes=True, stdout=StringIO())


def _account(user: User) -> None:
    """What allauth and the admin keep of an account, and of Ann's."""
    EmailAddress.objects.create(user=user, email=MAIL, verified=True, primary=True)
    other = EmailAddress.objects.create(user=user, email=OTHER_MAIL)
    EmailConfirmation.objects.create(email_address=other, key="k" * 64)
    ann = User.objects.get(display_name="Ann")
    EmailAddress.objects.create(user=ann, email="ann@example.org", primary=True)
    user.user_permissions.add(Permission.objects.first())
    LogEntry.objects.create(
        user=ann,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.id),
        object_repr=NAME,
        action_flag=CHANGE,
    )


def _left_over(cast: Cast) -> None:
    """Marks of both, and event ids of the person's and of an agent's."""
    with acting_as_system([cast.project.id]):
        for user in (cast.ann, cast.bob):
            member = Membership.objects.get(project=cast.project, user=user)
            StepMark.objects.create(
                project=cast.project,
                membership=member,
                step_id=f"project:{cast.project.id}",
                kind="done",
                subject_version=0,
            )
        for actor in (str(cast.bob.id), "planner"):
            SeenEvent.objects.create(
                project=cast.project, actor=actor, event_id=uuid.uuid4(), body_hash="0" * 64
            )
