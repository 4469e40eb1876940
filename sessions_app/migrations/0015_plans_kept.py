"""What a page asks first is planned once a connection, and does not read all with all."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0014_claim_no_more")]

    operations = [
        RunSQLFile("functions/step_facts_v4"),
        RunSQLFile("functions/summary_v4"),
    ]
