"""Indexes for look-ups that read all of a project, or all that a person ever did."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from sessions_app.db.operations import beside_writes, index_beside_writes


class Migration(migrations.Migration):
    """Beside whatever is being written, so not in one transaction."""

    atomic = False

    dependencies = [
        ('sessions_app', '0007_insight'),
    ]

    operations = beside_writes(
        index_beside_writes(
            'activity',
            "activities (project_id, item_id, version) where kind = 'item.contested'",
            models.Index(condition=models.Q(('kind', 'item.contested')), fields=['project', 'item_id', 'version'], name='activities_contested'),
        ),
        index_beside_writes('activity', 'activities (actor_id, id)', models.Index(fields=['actor', 'id'], name='activities_of_actor')),
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
        index_beside_writes(
            'item',
            'items (citation_message_id) where citation_message_id is not null',
            models.Index(condition=models.Q(('citation_message_id__isnull', False)), fields=['citation_message_id'], name='items_citing'),
        ),
        index_beside_writes(
            'item',
            'items (project_id) where idle_warned_at is not null',
            models.Index(condition=models.Q(('idle_warned_at__isnull', False)), fields=['project'], name='items_idle_warned'),
        ),
        index_beside_writes(
            'question',
            "questions (project_id, version) where not status = 'open'",
            models.Index(condition=models.Q(('status', 'open'), _negated=True), fields=['project', 'version'], name='questions_ended_since'),
        ),
        index_beside_writes('user', 'users (upper(email))', models.Index(django.db.models.functions.text.Upper('email'), name='users_email_as_looked_for')),
    )
