"""A project is deleted also while people are at work in it."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0024_claim_planned")]

    operations = [
        RunSQLFile("functions/erase_project_v6"),
    ]
