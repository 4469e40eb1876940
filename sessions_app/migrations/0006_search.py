"""Search: the words of items, messages and questions, and an index of the decisions in the ledger."""

from django.db import migrations, models

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):
    """On its own, because it takes long where there is much.

    It writes three tables anew and reads the whole ledger. In the transaction of 0005 everybody would be locked
    out of users, memberships and projects for as long, and a failure here would undo that step too.
    """

    dependencies = [
        ('sessions_app', '0005_coming_back'),
    ]

    operations = [
        RunSQLFile("functions/search_v1"),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(condition=models.Q(('kind', 'item.decided')), fields=['project', '-version', '-id'], name='activities_decided'),
        ),
    ]
