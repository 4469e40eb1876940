"""Functions whose cost does not grow with the project: by index ranges and keys, where joins read all of it."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0008_growth_indexes")]

    operations = [
        RunSQLFile("functions/question_reach_v2"),
        RunSQLFile("functions/step_facts_v3"),
        RunSQLFile("functions/unseen_decisions_v2"),
        RunSQLFile("functions/summary_v3"),
    ]
