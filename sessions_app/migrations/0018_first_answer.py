"""What a first answer is made from, for the hot door."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0017_found_by_the_clock")]

    operations = [
        RunSQLFile("functions/first_answer_v1"),
    ]
