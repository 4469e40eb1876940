"""`manage.py doctor`: each problem made for real, found, and gone again when it is mended."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest
from django.db import connection, connections, transaction

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.management import doctor
from sessions_app.management.doctor import Finding, Level, drift
from sessions_app.management.doctor import database as database_looks
from sessions_app.models import TrackedActivity
from sessions_app.services import analytics, recomputing, tracking
from tests.conftest import Cast
from tests.doing import add, counter, nothing_changes
from tests.management.running import manage
from tests.running import ROOT

DATABASE_GROUPS = ("database", "roles", "policies", "partitions", "drift", "jobs", "intake")


def test_a_fresh_installation_has_no_problem(cast: Cast) -> None:
    with nothing_changes():
        ran = manage("doctor", "--json")
    assert ran.code == 0, ran.error
    assert ran.document["problems"] == 0
    assert {each["group"] for each in ran.document["findings"]} == set(doctor.GROUPS)
    assert {each["what"] for each in ran.document["findings"] if each["level"] == "warning"} == {
        "no worker is running",
        "EMAIL_URL is not set: mails go to the worker's terminal",
    }


def test_each_finding_says_why_and_how_to_mend_it(cast: Cast) -> None:
    table = "alter table items"
    with as_owner(f"{table} disable row level security", f"{table} enable row level security"):
        ran = manage("doctor", "--only", "policies")
    assert (ran.code, ran.error) == (1, "1 problems, 0 warnings.")
    assert "items has no row security" in ran.out
    assert "why: rows of one project can be read by members of another" in ran.out
    assert "fix: alter table items enable row level security" in ran.out
    assert manage("doctor", "--only", "policies").code == 0


@pytest.mark.parametrize(
    ("group", "spoil", "mend", "said"),
    [
        (
            "policies",
            "alter table messages no force row level security",
            "alter table messages force row level security",
            "messages does not force row security on its owner",
        ),
        (
            "policies",
            "alter policy of_my_projects on blockers using (true)",
            "alter policy of_my_projects on blockers using (project_id = any(array(select my_projects())))",
            "the policy of_my_projects of blockers was altered",
        ),
        (
            "policies",
            "alter policy of_my_projects on messages to current_user",
            "alter policy of_my_projects on messages to public",
            "the policy of_my_projects of messages was altered",
        ),
        (
            "policies",
            "create policy everyone on items using (true)",
            "drop policy everyone on items",
            "the policy everyone of items is none of this release's",
        ),
        (
            "policies",
            "drop policy owner_all on hand_offs",
            "create policy owner_all on hand_offs to current_user using (true) with check (true)",
            "the policy owner_all of hand_offs is gone",
        ),
        (
            "policies",
            "alter table questions disable trigger user",
            "alter table questions enable trigger user",
            "of questions was switched off or altered",
        ),
        (
            "policies",
            "drop index user_sessions_one_active",
            "create unique index user_sessions_one_active on user_sessions (project_id, user_id)"
            " where is_active",
            "the unique index user_sessions_one_active of user_sessions is gone",
        ),
        (
            "policies",
            "alter function question_reach(uuid) set work_mem = '64kB'",
            "alter function question_reach(uuid) reset work_mem",
            "the function question_reach(uuid) was altered",
        ),
        (
            "policies",
            "alter function database_epoch() rename to epoch_of_old",
            "alter function epoch_of_old() rename to database_epoch",
            "the function database_epoch() is gone",
        ),
        (
            "policies",
            "alter table items drop constraint items_state_known",
            "alter table items add constraint items_state_known"
            " check (state in ('exploring', 'decided', 'parked'))",
            "the constraint items_state_known of items is gone",
        ),
        (
            "policies",
            "alter table memberships drop constraint memberships_user_id_5a99f855_fk_users_id,"
            " add constraint memberships_user_id_5a99f855_fk_users_id"
            " foreign key (user_id) references users not valid",
            "alter table memberships drop constraint memberships_user_id_5a99f855_fk_users_id,"
            " add constraint memberships_user_id_5a99f855_fk_users_id"
            " foreign key (user_id) references users deferrable initially deferred",
            "the constraint memberships_user_id_5a99f855_fk_users_id of memberships was switched off",
        ),
        (
            "policies",
            "alter function my_projects() reset search_path",
            "alter function my_projects() set search_path = public, pg_temp",
            "my_projects() looks tables up by its caller's search path",
        ),
        (
            "policies",
            "grant execute on function erase_project(uuid) to public",
            "revoke execute on function erase_project(uuid) from public",
            "erase_project(uuid) may be called by every role",
        ),
        (
            "roles",
            "grant truncate on items to sessions_runtime",
            "revoke truncate on items from sessions_runtime",
            "may do more than rows need on items",
        ),
        (
            "roles",
            "grant update on activities to sessions_runtime",
            "revoke update on activities from sessions_runtime",
            "may do more than rows need on activities",
        ),
        (
            "partitions",
            "grant select on metric_samples_default to sessions_runtime",
            "revoke select on metric_samples_default from sessions_runtime",
            "metric_samples_default can be reached by sessions_runtime",
        ),
        (
            "partitions",
            "alter table tracked_activities_before disable row level security",
            "alter table tracked_activities_before enable row level security",
            "tracked_activities_before has no row security that binds everybody",
        ),
        (
            "roles",
            "grant delete on activities to sessions_runtime",
            "revoke delete on activities from sessions_runtime",
            "may do more than rows need on activities",
        ),
        (
            "roles",
            "grant update (exploring) on project_counters to sessions_runtime",
            "revoke update (exploring) on project_counters from sessions_runtime",
            "may do more than rows need on project_counters",
        ),
        (
            "roles",
            "grant delete on projects to sessions_runtime",
            "revoke delete on projects from sessions_runtime",
            "may do more than rows need on projects",
        ),
        (
            "database",
            "update django_migrations set app = 'elsewhere' where id = "
            "(select max(id) from django_migrations where app = 'sessions_app')",
            "update django_migrations set app = 'sessions_app' where app = 'elsewhere'",
            "the database lacks 1 migrations",
        ),
    ],
)
def test_a_database_that_lost_a_guard(cast: Cast, group: str, spoil: str, mend: str, said: str) -> None:
    with as_owner(spoil, mend):
        assert said in only_problem(group)
    assert problems(group) == []


def test_a_function_that_says_something_else(cast: Cast) -> None:
    """By its body alone: whoever it is asked by sees no other sign of it."""
    with connections["owner"].cursor() as owner:
        owner.execute("select pg_get_functiondef('database_epoch()'::regprocedure)")
        ((as_it_was,),) = owner.fetchall()
    body = re.search(r"AS \$function\$(.*)\$function\$", as_it_was, re.DOTALL)
    assert body
    spoilt = as_it_was.replace(body[1], " select 'always the same'::text ")
    with as_owner(spoilt, as_it_was):
        assert only_problem("policies") == "the function database_epoch() was altered"
    assert problems("policies") == []


def test_a_check_as_a_restore_spells_it(cast: Cast) -> None:
    """What a dump is read back into says the same in other words."""
    known = "alter table items drop constraint items_state_known, add constraint items_state_known check"
    literals = [f"'{state}'::character varying" for state in ("exploring", "decided", "parked")]
    restored = f"(state::text = any (array[{', '.join(f'{each}::text' for each in literals)}]))"
    as_it_was = f"{known} (state in ('exploring', 'decided', 'parked'))"
    with as_owner(f"{known} {restored}", as_it_was):
        assert problems("policies") == []
    without_parked = f"(state::text = any (array[{', '.join(literals[:2])}]::text[]))"
    with as_owner(f"{known} {without_parked}", as_it_was):
        assert "items_state_known of items was switched off or altered" in only_problem("policies")


def test_a_role_that_policies_do_not_bind(cast: Cast) -> None:
    """Whoever signs in as the owner by mistake hears that it owns the tables."""
    runtime = connections["default"].settings_dict
    connection.close()
    before = runtime["EMBEDDED_ROLE"]
    runtime["EMBEDDED_ROLE"] = "sessions_owner"
    try:
        assert only_problem("roles") == "sessions_owner owns tables"
    finally:
        connection.close()
        runtime["EMBEDDED_ROLE"] = before


def test_counts_that_drifted(cast: Cast) -> None:
    add(cast, "Lamp")
    with acting_as(cast.ann.id):
        analytics.get_summary(cast.ann.id, cast.project.id)
    with connections["owner"].cursor() as owner:
        owner.execute("update session_analytics set items_exploring = 5")
    assert only_problem("drift").startswith("1 stored values of 1 rows")
    assert manage("recompute_analytics").code == 0
    assert problems("drift") == []


def test_roll_ups_that_drifted(cast: Cast) -> None:
    add(cast, "Lamp")
    assert manage("rollup_metrics", "--project", "Lighthouse").code == 0
    assert problems("drift") == []
    with connections["owner"].cursor() as owner:
        owner.execute("update work_rollups set times = times + 1")
    assert "roll-ups of 1 projects are not what the records give" in only_problem("drift")
    assert manage("rollup_metrics", "--rebuild").code == 0
    assert problems("drift") == []


def test_jobs_that_nobody_does(cast: Cast) -> None:
    with connections["owner"].cursor() as owner:
        owner.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
            " values ('default', 'late', 'todo', now() - interval '10 minutes'),"
            " ('default', 'lost', 'doing', null), ('default', 'broken', 'failed', null)"
        )
    found = look("jobs")
    assert [finding.level for finding in found] == [Level.PROBLEM, Level.WARNING, Level.WARNING]
    assert found[0].what.startswith("1 jobs wait, the first for 6")
    assert "manage.py worker" in found[0].fix
    with connections["owner"].cursor() as owner:
        owner.execute("delete from procrastinate_jobs")
        owner.execute("insert into procrastinate_workers default values")
    assert [finding.level for finding in look("jobs")] == [Level.OK]


def test_an_intake_that_nobody_digests(cast: Cast) -> None:
    with acting_as(cast.ann.id):
        tracking.track_activity(cast.ann.id, cast.project.id)
    assert problems("intake") == []
    with acting_as_system([cast.project.id]):
        TrackedActivity.objects.update(received_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))
    assert only_problem("intake").startswith("1 rows of the intake wait, the first for 30")
    digest_waiting()
    assert problems("intake") == []


def test_roll_ups_of_the_projects_in_which_something_happened_last(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of how many, when it is not all of them."""
    assert manage("rollup_metrics").code == 0
    add(cast, "Lamp")
    assert manage("rollup_metrics").code == 0
    assert look("drift")[-1].what == "roll-ups of 2 projects say what the records give"
    monkeypatch.setattr(drift, "MOST_VERSIONS", counter(cast).version)
    said = "roll-ups of 1 projects (of 2; `manage.py rollup_metrics --check` looks at all)"
    assert look("drift")[-1].what == f"{said} say what the records give"
    with connections["owner"].cursor() as owner:
        owner.execute("update work_rollups set times = times + 1 where project_id = %s", [cast.project.id])
    assert said in only_problem("drift")


def test_a_comparison_that_takes_too_long_is_no_dead_database(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: object) -> list[object]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local statement_timeout = 1; select pg_sleep(10)")
        return []

    monkeypatch.setattr(recomputing, "differences", slow)
    given_up, rolled_up = look("drift")
    assert (given_up.level, given_up.what) == (Level.WARNING, "looking took too long and was given up")
    assert "recompute_analytics --check" in given_up.fix
    assert rolled_up.level is Level.OK


def test_a_clock_that_is_wrong_hides_nothing_else(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    now = database_looks.clock.now
    monkeypatch.setattr(database_looks.clock, "now", lambda: now() + dt.timedelta(minutes=3))
    with as_owner(
        "alter table items no force row level security", "alter table items force row level security"
    ):
        found = [(group, each.what) for group, each in doctor.examine() if each.level is Level.PROBLEM]
    assert [group for group, _ in found] == ["database", "policies"]
    assert "s apart" in found[0][1]


def test_paths_that_are_named_are_there() -> None:
    """Those of documents and of SQL, in whichever fix."""
    folder = Path(doctor.__file__).parent
    named = {
        path
        for file in folder.glob("*.py")
        for path in re.findall(r"\b((?:docs|sessions_app)/[\w./]*\w)", file.read_text())
    }
    assert named >= {"docs/operations/deploy.md", "sessions_app/sql/policies"}
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_clocks_that_differ(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    now = database_looks.clock.now
    monkeypatch.setattr(database_looks.clock, "now", lambda: now() + dt.timedelta(minutes=3))
    assert "s apart" in only_problem("database")


def test_a_database_that_does_not_answer_is_a_finding(
    database: None, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    """Nothing else of the database is said then, and all that needs none still is."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", "not_there")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    ran = manage("doctor", "--json")
    connection.close()
    assert ran.code == 1
    found = ran.document["findings"]
    assert [each["group"] for each in found if each["level"] == "problem"] == ["database"]
    assert {each["group"] for each in found} & set(DATABASE_GROUPS) == {"database"}
    asked_for_another = manage("doctor", "--only", "drift")
    connection.close()
    assert asked_for_another.code == 1, "what was asked for could not be looked at"


def test_redis_that_does_not_answer(database: None, settings) -> None:
    address = "redis://127.0.0.1:1/0"
    settings.REDIS_URL = address
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}
    }
    assert only_problem("redis").startswith("Redis does not answer")


def test_settings_of_a_deployment(settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.BASE_URL, settings.BASE_HOST = (
        "http://leftoff.example.org",
        urlparse("http://leftoff.example.org"),
    )
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.DATA_DIR = tmp_path
    (tmp_path / "secret_key").touch(mode=0o644)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    said = {finding.what: finding.level for finding in look("settings")}
    assert said.pop("BASE_URL is http://leftoff.example.org, without TLS") is Level.PROBLEM
    assert said.pop(f"{tmp_path}/secret_key can be read by other users of this machine") is Level.PROBLEM
    assert said.pop("EMAIL_URL is not set: mails go to the worker's terminal") is Level.WARNING
    settings.USES_TLS, settings.SECURE_SSL_REDIRECT = True, True
    settings.BASE_HOST = urlparse("https://leftoff.example.org")
    said = {finding.what: finding.level for finding in look("settings")}
    assert said.pop("BASE_URL is https and TRUST_PROXY_TLS_HEADER is off") is Level.WARNING
    assert said.pop("BASE_URL is https and TRUSTED_PROXY_COUNT is 0") is Level.WARNING


def test_a_disk_that_runs_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: type("Usage", (), {"free": 100 * 1024**2}))
    (tmp_path / "postgres").mkdir(mode=0o755)
    found = look("room")
    assert [finding.level for finding in found] == [Level.PROBLEM, Level.PROBLEM]
    assert "0.1 GB are free" in found[0].what
    assert "is open to other users" in found[1].what


def test_a_group_that_is_not_there_is_wrong_usage() -> None:
    ran = manage("doctor", "--only", "weather")
    assert ran.code == 2
    assert "invalid choice: 'weather'" in ran.error


@contextmanager
def as_owner(spoil: str, mend: str) -> Iterator[None]:
    """The owner does something to the database, and takes it back in the end."""
    connection.close()
    with connections["owner"].cursor() as owner:
        owner.execute(spoil)
        try:
            yield
        finally:
            connection.close()
            owner.execute(mend)


def look(group: str) -> list[Finding]:
    return [finding for of, finding in doctor.examine([group]) if of == group]


def problems(group: str) -> list[str]:
    return [finding.what for finding in look(group) if finding.level is Level.PROBLEM]


def only_problem(group: str) -> str:
    (what,) = problems(group)
    return what
