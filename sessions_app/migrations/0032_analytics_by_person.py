"""Analytics that are made anew are written into an index less."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from sessions_app.db.operations import beside_writes


class Migration(migrations.Migration):
    """Beside whatever is being written, so not in one transaction."""

    atomic = False

    dependencies = [("sessions_app", "0031_leaner_answer_state")]

    operations = beside_writes(
        # session_analytics_one, which begins with the person, is of use for all that this was.
        migrations.RunSQL(
            sql=["drop index concurrently if exists session_analytics_user_id_9e399620"],
            reverse_sql=[
                "drop index concurrently if exists session_analytics_user_id_9e399620",
                "create index concurrently if not exists session_analytics_user_id_9e399620"
                " on session_analytics (user_id)",
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="sessionanalytics",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    )
