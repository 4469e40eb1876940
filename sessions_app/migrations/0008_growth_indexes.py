"""Indexes for look-ups that read all of a project, or all that a person ever did."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made beside whatever is being written, so not in one transaction."""

    atomic = False

    dependencies = [
        ('sessions_app', '0007_insight'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='activity',
            index=models.Index(condition=models.Q(('kind', 'item.contested')), fields=['project', 'item_id', 'version'], name='activities_contested'),
        ),
        AddIndexConcurrently(
            model_name='activity',
            index=models.Index(fields=['actor', 'id'], name='activities_of_actor'),
        ),
        # The one before it has its own place in it.
        migrations.AlterField(
            model_name='activity',
            name='actor',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        AddIndexConcurrently(
            model_name='item',
            index=models.Index(condition=models.Q(('citation_message_id__isnull', False)), fields=['citation_message_id'], name='items_citing'),
        ),
        AddIndexConcurrently(
            model_name='item',
            index=models.Index(condition=models.Q(('idle_warned_at__isnull', False)), fields=['project'], name='items_idle_warned'),
        ),
        AddIndexConcurrently(
            model_name='question',
            index=models.Index(condition=models.Q(('status', 'open'), _negated=True), fields=['project', 'version'], name='questions_ended_since'),
        ),
        AddIndexConcurrently(
            model_name='user',
            index=models.Index(django.db.models.functions.text.Upper('email'), name='users_email_as_looked_for'),
        ),
    ]
