"""What an answer hangs on, for the hot door."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):

    dependencies = [
        ('sessions_app', '0009_growth'),
    ]

    operations = [
        RunSQLFile("functions/resume_session_v1"),
        RunSQLFile("functions/answer_state_v1"),
    ]
