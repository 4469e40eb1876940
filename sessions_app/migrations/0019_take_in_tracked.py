"""Who acts for tracked events, and what becomes of them, are one statement."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0018_first_answer")]

    operations = [
        RunSQLFile("functions/take_in_tracked_v1"),
    ]
