"""Tracked input, who digests what, who is here; and which database this is."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):

    dependencies = [
        ('sessions_app', '0002_promises'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProjectDigest',
            fields=[
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='digest', serialize=False, to='sessions_app.project')),
                ('lease', models.UUIDField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('tries', models.IntegerField(default=0)),
                ('failure', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'db_table': 'project_digests',
            },
        ),
        migrations.AddField(
            model_name='agentactivity',
            name='tries',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='sessionanalytics',
            name='activities_tracked',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('server', models.UUIDField()),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'presences',
                'constraints': [models.UniqueConstraint(fields=('project', 'user', 'server'), name='presences_once')],
            },
        ),
        migrations.CreateModel(
            name='TrackedActivity',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('event_id', models.UUIDField(null=True)),
                ('kind', models.CharField(max_length=100)),
                ('metadata', models.JSONField(default=dict)),
                ('version', models.BigIntegerField()),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('digested_at', models.DateTimeField(null=True)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'tracked_activities',
                'indexes': [models.Index(condition=models.Q(('digested_at__isnull', True)), fields=['project', 'user', 'id'], name='tracked_activities_waiting'), models.Index(fields=['project', '-received_at'], name='tracked_activities_feed')],
            },
        ),
        RunSQLFile("policies/tracking_v1"),
        RunSQLFile("functions/digests_v1"),
        RunSQLFile("functions/epoch_v1"),
        RunSQLFile("functions/presence_v1"),
        RunSQLFile("functions/erase_project_v2"),
        RunSQLFile("functions/erase_person_v2"),
    ]
