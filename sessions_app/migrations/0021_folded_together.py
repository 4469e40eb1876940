"""Input of many projects is folded by one function, and a session that is kept alive stays where it is."""

from django.db import migrations

from sessions_app.db.operations import RunSQLFile, beside_writes

_IDLE = "user_sessions_idle on user_sessions (last_activity) where is_active"


class Migration(migrations.Migration):
    """Beside whatever is being written."""

    atomic = False

    dependencies = [("sessions_app", "0020_long_away")]

    operations = beside_writes(
        RunSQLFile("functions/fold_input_v1"),
        # With it each sign of life of a session wrote into every index of its table. Who looks for idle ones
        # reads those that are under way, which user_sessions_one_active has.
        migrations.RunSQL(
            sql=["drop index concurrently if exists user_sessions_idle"],
            reverse_sql=[
                "drop index concurrently if exists user_sessions_idle",
                f"create index concurrently if not exists {_IDLE}",
            ],
            state_operations=[migrations.RemoveIndex(model_name="session", name="user_sessions_idle")],
        ),
        # Room on each page, so that a row which is written again and again finds it there.
        migrations.RunSQL(
            sql=[
                "alter table session_analytics set (fillfactor = 80)",
                "alter table user_sessions set (fillfactor = 90)",
            ],
            reverse_sql=[
                "alter table session_analytics reset (fillfactor)",
                "alter table user_sessions reset (fillfactor)",
            ],
        ),
    )
