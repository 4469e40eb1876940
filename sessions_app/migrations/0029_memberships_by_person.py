"""Whether somebody is a member of one project is looked up in no list of all of theirs."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from sessions_app.db.operations import beside_writes


class Migration(migrations.Migration):
    """Beside whatever is being written, so not in one transaction."""

    atomic = False

    dependencies = [("sessions_app", "0028_sessions_looked_up_once")]

    operations = beside_writes(
        # memberships_of_user is of use for all that this was.
        migrations.RunSQL(
            sql=["drop index concurrently if exists memberships_user_id_5a99f855"],
            reverse_sql=[
                "drop index concurrently if exists memberships_user_id_5a99f855",
                "create index concurrently if not exists memberships_user_id_5a99f855 on memberships (user_id)",
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="membership",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    )
