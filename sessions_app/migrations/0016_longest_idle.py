"""The items that stand still longest are read in their whole order, also where many changed at one moment."""

from django.db import migrations, models

NEW = models.Index(
    condition=models.Q(("state", "exploring")),
    fields=["project", "changed_at", "id"],
    name="items_longest_idle",
)
_NEW_IS_NO_MORE = "drop index concurrently if exists items_longest_idle"
_OLD = "items_idle on items (project_id, changed_at) where state = 'exploring'"


class Migration(migrations.Migration):
    """As 0008: beside whatever is being written, waiting a minute for others; broken off, it is run again."""

    atomic = False

    dependencies = [("sessions_app", "0015_plans_kept")]

    operations = [
        migrations.RunSQL(
            sql=[
                "select set_config('growth.lock_timeout', current_setting('lock_timeout'), false)",
                "set lock_timeout = '60s'",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            sql=[
                # What a try left half built is of no use.
                _NEW_IS_NO_MORE,
                "create index concurrently if not exists items_longest_idle on items (project_id, changed_at, id)"
                " where state = 'exploring'",
            ],
            reverse_sql=[_NEW_IS_NO_MORE],
            state_operations=[migrations.AddIndex(model_name="item", index=NEW)],
        ),
        # The new one is of use for all that this was.
        migrations.RunSQL(
            sql=["drop index concurrently if exists items_idle"],
            reverse_sql=["drop index concurrently if exists items_idle", f"create index concurrently if not exists {_OLD}"],
            state_operations=[migrations.RemoveIndex(model_name="item", name="items_idle")],
        ),
        migrations.RunSQL(
            sql=["select set_config('lock_timeout', current_setting('growth.lock_timeout'), false)"],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
