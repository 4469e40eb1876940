"""The summary of somebody who was away for long reads what it counts, not all that happened meanwhile."""

from django.db import migrations, models

from sessions_app.db.operations import RunSQLFile, beside_writes, index_beside_writes

EXPLORED = models.Index(
    fields=["project", "version"],
    condition=models.Q(("kind", "item.explored")),
    name="activities_explored",
)
IN_ORDER = models.Index(
    fields=["project", "decided_version", "id"],
    condition=models.Q(("state", "decided")),
    name="items_decided_in_order",
)
_OLD = "items_decided_since on items (project_id, decided_version) where state = 'decided'"


class Migration(migrations.Migration):
    """Beside whatever is being written."""

    atomic = False

    dependencies = [("sessions_app", "0019_take_in_tracked")]

    operations = beside_writes(
        index_beside_writes(
            "activity", "activities (project_id, version) where kind = 'item.explored'", EXPLORED
        ),
        index_beside_writes(
            "item", "items (project_id, decided_version, id) where state = 'decided'", IN_ORDER
        ),
        # The new one is of use for all that this was.
        migrations.RunSQL(
            sql=["drop index concurrently if exists items_decided_since"],
            reverse_sql=[
                "drop index concurrently if exists items_decided_since",
                f"create index concurrently if not exists {_OLD}",
            ],
            state_operations=[migrations.RemoveIndex(model_name="item", name="items_decided_since")],
        ),
        RunSQLFile("functions/summary_v5"),
    )
