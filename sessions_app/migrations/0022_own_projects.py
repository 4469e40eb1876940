"""The list of somebody's projects, however many they are in."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0021_folded_together")]

    operations = [
        RunSQLFile("functions/own_projects_v1"),
    ]
