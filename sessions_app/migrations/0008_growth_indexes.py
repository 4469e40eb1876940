"""Indexes for look-ups that read all of a project, or all that a person ever did."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


def built(model: str, on: str, index: models.Index) -> migrations.RunSQL:
    """An index built while others write; what a try left half built, which is of no use, goes first."""
    drop = f"drop index concurrently if exists {index.name}"
    return migrations.RunSQL(
        sql=[drop, f"create index concurrently if not exists {index.name} on {on}"],
        reverse_sql=[drop],
        state_operations=[migrations.AddIndex(model_name=model, index=index)],
    )


class Migration(migrations.Migration):
    """Beside whatever is being written, so not in one transaction; broken off, it is run again.

    It waits for others, who do not wait for it: a minute for each, so that it ends where one never does.
    """

    atomic = False

    dependencies = [
        ('sessions_app', '0007_insight'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "select set_config('growth.lock_timeout', current_setting('lock_timeout'), false)",
                "set lock_timeout = '60s'",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
        built(
            'activity',
            "activities (project_id, item_id, version) where kind = 'item.contested'",
            models.Index(condition=models.Q(('kind', 'item.contested')), fields=['project', 'item_id', 'version'], name='activities_contested'),
        ),
        built('activity', 'activities (actor_id, id)', models.Index(fields=['actor', 'id'], name='activities_of_actor')),
        # That one is of use for all that this was.
        migrations.RunSQL(
            sql=['drop index concurrently if exists activities_actor_id_2523e7f8'],
            reverse_sql=['create index concurrently if not exists activities_actor_id_2523e7f8 on activities (actor_id)'],
            state_operations=[
                migrations.AlterField(
                    model_name='activity',
                    name='actor',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        built(
            'item',
            'items (citation_message_id) where citation_message_id is not null',
            models.Index(condition=models.Q(('citation_message_id__isnull', False)), fields=['citation_message_id'], name='items_citing'),
        ),
        built(
            'item',
            'items (project_id) where idle_warned_at is not null',
            models.Index(condition=models.Q(('idle_warned_at__isnull', False)), fields=['project'], name='items_idle_warned'),
        ),
        built(
            'question',
            "questions (project_id, version) where not status = 'open'",
            models.Index(condition=models.Q(('status', 'open'), _negated=True), fields=['project', 'version'], name='questions_ended_since'),
        ),
        built('user', 'users (upper(email))', models.Index(django.db.models.functions.text.Upper('email'), name='users_email_as_looked_for')),
        migrations.RunSQL(
            sql=["select set_config('lock_timeout', current_setting('growth.lock_timeout'), false)"],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
