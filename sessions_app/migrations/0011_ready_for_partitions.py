"""Keys with the time in them and proofs of until when the rows go, so that 0012 need not look at a row."""

from django.db import migrations

# Each table, and the column that says when a row came.
TABLES = {"tracked_activities": "received_at", "agent_activities": "received_at", "metric_samples": "at"}

# What waits here is in nobody's way: it may wait longer than a statement that locks others out.
PATIENTLY = [
    "select set_config('leftoff.lock_timeout', current_setting('lock_timeout'), false)",
    "set lock_timeout = '60s'",
]
AS_BEFORE = ["select set_config('lock_timeout', current_setting('leftoff.lock_timeout'), false)"]


def key(table: str, at: str) -> list[str]:
    """The key; one that was broken off is not good, so it is made anew."""
    name = f"{table}_id_{at}"
    return [
        f"drop index concurrently if exists {name}",
        f"create unique index concurrently if not exists {name} on {table} (id, {at})",
    ]


def until(table: str, at: str) -> str:
    """Rows go to the month after next at most: a month is left to run 0012, even after an interruption."""
    return f"""
        do $$
        begin
          execute format(
            'alter table {table} drop constraint if exists {table}_until,'
              ' add constraint {table}_until check ({at} < %L) not valid',
            (
              select (date_trunc('month', greatest(now(), max({at})) at time zone 'UTC') + interval '2 months')
                at time zone 'UTC'
              from {table}
            )
          );
        end
        $$
    """


class Migration(migrations.Migration):
    """On its own and without a transaction: an index is made, and a proof read, while others write."""

    atomic = False

    dependencies = [
        ('sessions_app', '0010_answer_state'),
    ]

    operations = [
        operation
        for table, at in TABLES.items()
        for operation in (
            migrations.RunSQL(
                [*PATIENTLY, *key(table, at), *AS_BEFORE],
                [f"drop index concurrently if exists {table}_id_{at}"],
            ),
            migrations.RunSQL([until(table, at)], [f"alter table {table} drop constraint if exists {table}_until"]),
            migrations.RunSQL(
                [*PATIENTLY, f"alter table {table} validate constraint {table}_until", *AS_BEFORE],
                migrations.RunSQL.noop,
            ),
        )
    ]
