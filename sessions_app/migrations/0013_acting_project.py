"""A transaction about one project asks for no other."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0012_by_month")]

    operations = [
        RunSQLFile("functions/acting_v2"),
    ]
