"""What staff may do: through a service, noted, for whoever may change such rows, and for nobody else."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager

from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_system
from sessions_app.middleware import AdminContextMiddleware
from sessions_app.models import (
    AgentToken,
    ApiSignIn,
    Invitation,
    Membership,
    Project,
    Session,
    SessionAnalytics,
    User,
)
from sessions_app.services import members, sessions
from tests.admin.conftest import may_all, path, rows, staff
from tests.conftest import Cast
from tests.doing import again, nothing_changes
from tests.views.conftest import browse

ACTIONS = [
    (Session, "end_now"),
    (SessionAnalytics, "recompute"),
    (AgentToken, "revoke"),
    (Invitation, "revoke"),
    (ApiSignIn, "end"),
    (ProcrastinateJob, "retry"),
    (ProcrastinateJob, "cancel"),
]


def act(browser: Client, action: str, *chosen: Model) -> str:
    """Do an action to rows; returns what the page says then."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in chosen], "index": "0"}
    return browser.post(path(type(chosen[0])), form, follow=True).text


def noted(row: Model) -> list[str]:
    entries = LogEntry.objects.filter(object_id=str(row.pk), action_flag=CHANGE)
    return [entry.get_change_message() for entry in entries]


@pytest.mark.parametrize(("model", "action"), ACTIONS, ids=lambda value: getattr(value, "__name__", value))
def test_whoever_may_only_view_may_not_act(model: type[Model], action: str, filled: Cast) -> None:
    row = rows(model)[0]
    browser = browse(staff("Sue", ("view", model)))
    assert 'name="action"' not in browser.get(path(model)).text
    with nothing_changes():
        act(browser, action, row)
    assert noted(row) == []


def test_a_session_is_ended_now(filled: Cast, root: Client) -> None:
    """At this moment; its person's panel hears of it. What is over already is left alone."""
    [session] = [row for row in rows(Session) if row.is_active]
    with acting_as_admin():
        before = Membership.objects.get(user=filled.ann, project=filled.project).version
    assert "Done: 1." in act(root, "end_now", session)
    ended = again(session)
    assert (ended.is_active, ended.end_version) == (False, session.end_version)
    with acting_as_admin():
        assert Membership.objects.get(user=filled.ann, project=filled.project).version == before + 1
    assert noted(session) == ["Ended the session."]
    assert "None of these was active." in act(root, "end_now", session)
    assert noted(session) == ["Ended the session."]


def test_ending_an_old_session_leaves_the_next_one_alone(filled: Cast, root: Client) -> None:
    [old] = [row for row in rows(Session) if row.is_active]
    with acting_as(filled.ann.id):
        new, _ = sessions.start_session(filled.ann.id, filled.project.id)
    act(root, "end_now", old)
    assert again(new).is_active


def test_analytics_are_shown_beside_what_they_should_be(filled: Cast, root: Client) -> None:
    """An old row is old; one that claims to be of today and differs is wrong, and put right."""
    [row] = rows(SessionAnalytics)
    assert "Stored at an older version" in root.get(path(SessionAnalytics, "change", row.pk)).text
    act(root, "recompute", row)
    page = root.get(path(SessionAnalytics, "change", row.pk)).text
    assert "Stored at the present version" in page
    with acting_as_system([filled.project.id]):
        SessionAnalytics.objects.filter(id=row.id).update(items_parked=7)
    page = root.get(path(SessionAnalytics, "change", row.pk)).text
    assert "it is wrong" in page
    assert "items parked (differs)" in page
    act(root, "recompute", row)
    assert again(row).items_parked == 0
    assert noted(row) == ["Recomputed.", "Recomputed."]


def test_of_somebody_who_left_there_is_nothing_to_compute(filled: Cast, root: Client) -> None:
    [row] = rows(SessionAnalytics)
    with acting_as_system([filled.project.id]):
        Membership.objects.filter(user=filled.bob).delete()
        SessionAnalytics.objects.filter(id=row.id).update(user=filled.bob)
    assert "no member any more" in root.get(path(SessionAnalytics, "change", row.pk)).text
    assert "This project is not there." in act(root, "recompute", row)
    assert noted(row) == []


def test_tokens_sign_ins_and_invitations_are_taken_back(filled: Cast, root: Client) -> None:
    for model, action, column in (
        (AgentToken, "revoke", "revoked_at"),
        (ApiSignIn, "end", "ended_at"),
        (Invitation, "revoke", "revoked_at"),
    ):
        [row] = rows(model)
        assert getattr(row, column) is None
        act(root, action, row)
        ended = getattr(again(row), column)
        assert ended is not None
        act(root, action, row)
        assert getattr(again(row), column) == ended
        assert len(noted(row)) == 1


def test_one_that_is_refused_does_not_keep_the_others(filled: Cast, root: Client) -> None:
    with acting_as(filled.ann.id):
        other, _ = members.invite(filled.project.id, filled.ann, role="viewer")
        members.revoke_invitation(filled.project.id, other.id)
    first, second = sorted(rows(Invitation), key=lambda row: row.pk != other.pk)
    page = act(root, "revoke", first, second)
    assert "This invitation is not open any more." in page
    assert "Done: 1." in page


def test_a_failed_job_is_tried_again_and_a_waiting_one_cancelled(filled: Cast, root: Client) -> None:
    [waiting] = ProcrastinateJob.objects.filter(task_name="a.task")
    assert "None of these had failed." in act(root, "retry", waiting)
    act(root, "cancel", waiting)
    assert ProcrastinateJob.objects.get(id=waiting.id).status == "cancelled"
    assert noted(waiting) == ["Cancelled the job."]


def queued(task: str, status: str, lock: str | None = None) -> ProcrastinateJob:
    """A job that came so far; of those with one lock only one may wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, queueing_lock)"
            " values ('default', %s, %s, %s)",
            (task, status, lock),
        )
    return ProcrastinateJob.objects.get(task_name=task, status=status)


def test_a_failed_job_whose_successor_waits_stays_failed(cast: Cast, root: Client) -> None:
    """That is said, and the others that were chosen are tried again."""
    failed, other = queued("recompute", "failed", "one"), queued("sweep", "failed")
    queued("recompute", "todo", "one")
    page = act(root, "retry", failed, other)
    assert "Another one like it waits already." in page
    assert "Done: 1." in page
    assert [ProcrastinateJob.objects.get(id=job.id).status for job in (failed, other)] == ["failed", "todo"]
    assert (noted(failed), noted(other)) == ([], ["Let the job be tried again."])


@pytest.mark.parametrize(("action", "status"), [("retry", "failed"), ("cancel", "todo")])
def test_a_job_that_changes_meanwhile_is_left_alone(
    action: str, status: str, cast: Cast, root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queued("sweep", status)

    def refuse(*_args: object) -> None:
        raise ConnectorException

    monkeypatch.setattr(JobManager, f"{action}_job_by_id", refuse)
    assert "It is not as it was any more: look at it again." in act(root, action, job)
    assert noted(job) == []


def test_an_account_that_is_switched_off_is_signed_out(filled: Cast, root: Client) -> None:
    """At the API for good; a browser's sign-in is refused while it is off."""
    page = path(User, "change", filled.ann.pk)
    ann = browse(filled.ann)
    assert ann.get("/").status_code == 200
    form = {"display_name": "Ann", "time_zone": "UTC", "user_permissions": []}
    assert root.post(page, form).status_code == 302
    assert ann.get("/").status_code == 302
    assert ApiSignIn.objects.get(user=filled.ann).ended_how == "switched off"
    assert "Is active" in str(noted(filled.ann)) or "Active" in str(noted(filled.ann))


@pytest.mark.parametrize(
    ("field", "value"), [("display_name", " "), ("display_name", "x" * 81), ("time_zone", "Mars/Olympus")]
)
def test_an_account_holds_to_the_rules_of_the_profile(
    field: str, value: str, filled: Cast, root: Client
) -> None:
    form = {"display_name": "Ann", "time_zone": "UTC", "is_active": "on"} | {field: value}
    answer = root.post(path(User, "change", filled.ann.pk), form)
    assert (answer.status_code, field in answer.context["adminform"].form.errors) == (200, True)


def test_rights_are_given_by_those_who_may_do_everything(filled: Cast, root: Client) -> None:
    """Other staff may switch accounts off, but make nobody staff, nor touch those who are."""
    sue = browse(staff("Sue", ("view", User), ("change", User)))
    form = {
        "display_name": "Bob",
        "time_zone": "UTC",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
    }
    assert sue.post(path(User, "change", filled.bob.pk), form).status_code == 302
    bob = User.objects.get(id=filled.bob.id)
    assert (bob.is_staff, bob.is_superuser) == (False, False)
    chief = User.objects.get(email="root@example.org")
    for page in (path(User, "change", chief.pk), f"/admin/sessions_app/user/{chief.pk}/password/"):
        assert sue.post(page, form | {"password1": "x", "password2": "x"}).status_code == 403
    root.post(path(User, "change", filled.bob.pk), form)
    assert User.objects.get(id=filled.bob.id).is_superuser


def test_nobody_gives_themselves_rights_or_locks_themselves_out(filled: Cast) -> None:
    sue = staff("Sue", ("view", User), ("change", User))
    form = {"display_name": "Susan", "time_zone": "UTC", "is_superuser": "on"}
    assert browse(sue).post(path(User, "change", sue.pk), form).status_code == 302
    found = User.objects.get(id=sue.id)
    assert (found.display_name, found.is_superuser, found.is_active, found.is_staff) == (
        *("Susan", False),
        *(True, True),
    )
    assert found.user_permissions.count() == 2


def test_an_account_is_made_with_its_address_in_lower_case(filled: Cast, root: Client) -> None:
    words = "a long way to the sea"
    form = {"email": "New@Example.org", "display_name": "New", "password1": words, "password2": words}
    assert root.post(path(User, "add"), form | {"usable_password": "true"}).status_code == 302
    assert User.objects.get(email="new@example.org").check_password(words)
    answer = root.post(path(User, "add"), form | {"email": "ANN@example.org", "usable_password": "true"})
    assert answer.status_code == 200
    assert User.objects.filter(email__iexact="ann@example.org").count() == 1


def test_what_a_page_changed_before_it_failed_is_taken_back(cast: Cast) -> None:
    """The failure is an answer by then: whoever opened the transaction sees no exception any more."""

    def fails_half_way(request: HttpRequest) -> HttpResponse:
        Project.objects.filter(id=cast.project.id).update(title="Half done")
        return HttpResponse(status=503)

    request = RequestFactory().post("/admin/sessions_app/project/")
    request.user = may_all()
    assert AdminContextMiddleware(fails_half_way)(request).status_code == 503
    with acting_as_admin():
        assert Project.objects.get(id=cast.project.id).title == cast.project.title
