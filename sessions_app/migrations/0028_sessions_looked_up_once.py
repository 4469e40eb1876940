"""Input is folded with a look-up of each session less."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0027_analytics_checks")]

    operations = [
        RunSQLFile("functions/fold_waiting_input_v2"),
    ]
