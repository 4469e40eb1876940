"""The items that stand still longest are read in their whole order, also where many changed at one moment."""

from django.db import migrations, models

from sessions_app.db.operations import beside_writes, index_beside_writes

NEW = models.Index(
    condition=models.Q(("state", "exploring")),
    fields=["project", "changed_at", "id"],
    name="items_longest_idle",
)
_OLD = "items_idle on items (project_id, changed_at) where state = 'exploring'"


class Migration(migrations.Migration):
    """Beside whatever is being written."""

    atomic = False

    dependencies = [("sessions_app", "0015_plans_kept")]

    operations = beside_writes(
        index_beside_writes("item", "items (project_id, changed_at, id) where state = 'exploring'", NEW),
        # The new one is of use for all that this was.
        migrations.RunSQL(
            sql=["drop index concurrently if exists items_idle"],
            reverse_sql=[
                "drop index concurrently if exists items_idle",
                f"create index concurrently if not exists {_OLD}",
            ],
            state_operations=[migrations.RemoveIndex(model_name="item", name="items_idle")],
        ),
    )
