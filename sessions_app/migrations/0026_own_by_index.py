"""What is asked of one's own projects reads these, not all projects there are."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0025_erased_while_tracked")]

    operations = [
        RunSQLFile("functions/projects_found_v1"),
        RunSQLFile("functions/own_projects_v2"),
        RunSQLFile("functions/own_projects_found_v2"),
        RunSQLFile("functions/own_counted_until_v2"),
    ]
