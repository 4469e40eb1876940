"""What the database itself promises: functions, counters, row level security, grants."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0001_tables")]

    operations = [
        RunSQLFile("functions/acting_v1"),
        RunSQLFile("functions/version_v1"),
        RunSQLFile("functions/projects_v1"),
        RunSQLFile("functions/erase_person_v1"),
        RunSQLFile("functions/upkeep_v1"),
        RunSQLFile("functions/time_since_v1"),
        RunSQLFile("functions/summary_v1"),
        RunSQLFile("functions/step_facts_v1"),
        RunSQLFile("triggers/counters_v1"),
        RunSQLFile("triggers/promises_v1"),
        RunSQLFile("policies/project_rows_v1"),
        RunSQLFile("policies/grants_v1"),
    ]
