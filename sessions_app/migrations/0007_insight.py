"""Insight and operations: roll-ups, what sessions came to, refusals at the intake, metrics over time."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):

    dependencies = [
        ('sessions_app', '0006_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='DecisionLife',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('item_id', models.UUIDField()),
                ('began_version', models.BigIntegerField()),
                ('began_at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=10)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'db_table': 'decision_lives',
            },
        ),
        migrations.CreateModel(
            name='IntakeRefusal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('hour', models.DateTimeField()),
                ('door', models.CharField(max_length=20)),
                ('reason', models.CharField(max_length=40)),
                ('times', models.BigIntegerField()),
            ],
            options={
                'db_table': 'intake_refusals',
            },
        ),
        migrations.CreateModel(
            name='MetricSample',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('resolution', models.CharField(choices=[('minute', 'Minute'), ('hour', 'Hour'), ('day', 'Day'), ('ever', 'Ever')], max_length=6)),
                ('at', models.DateTimeField()),
                ('metric', models.CharField(max_length=80)),
                ('labels', models.CharField(blank=True, max_length=200)),
                ('total', models.FloatField()),
                ('observations', models.BigIntegerField()),
                ('most', models.FloatField()),
                ('classes', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None)),
            ],
            options={
                'db_table': 'metric_samples',
            },
        ),
        migrations.CreateModel(
            name='RollupFill',
            fields=[
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='rollup_fill', serialize=False, to='sessions_app.project')),
                ('version', models.BigIntegerField(default=0)),
                ('filled_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'rollup_fills',
            },
        ),
        migrations.CreateModel(
            name='SessionRollup',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('bucket', models.DateTimeField()),
                ('sessions', models.IntegerField()),
                ('span_seconds', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('active_seconds', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('gap_seconds', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('lag_seconds', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('items_decided', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
            options={
                'db_table': 'session_rollups',
            },
        ),
        migrations.CreateModel(
            name='WorkRollup',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('bucket', models.DateTimeField()),
                ('kind', models.CharField(max_length=40)),
                ('actor_kind', models.CharField(max_length=10)),
                ('times', models.IntegerField()),
                ('wait_seconds', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), db_default=[], default=list, size=None)),
            ],
            options={
                'db_table': 'work_rollups',
            },
        ),
        migrations.AddField(
            model_name='session',
            name='active_seconds',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='gap_seconds',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='items_decided',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='lag_seconds',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='measured_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(condition=models.Q(('is_active', False), ('measured_at__isnull', True)), fields=['project'], name='user_sessions_unmeasured'),
        ),
        migrations.AddField(
            model_name='decisionlife',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project'),
        ),
        migrations.AddField(
            model_name='intakerefusal',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project'),
        ),
        migrations.AddIndex(
            model_name='metricsample',
            index=models.Index(fields=['metric', 'resolution', 'at'], name='metric_samples_of_metric'),
        ),
        migrations.AddConstraint(
            model_name='metricsample',
            constraint=models.UniqueConstraint(fields=('resolution', 'at', 'metric', 'labels'), name='metric_samples_once'),
        ),
        migrations.AddField(
            model_name='sessionrollup',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project'),
        ),
        migrations.AddField(
            model_name='sessionrollup',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='workrollup',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project'),
        ),
        migrations.AddIndex(
            model_name='decisionlife',
            index=models.Index(fields=['project', 'began_at'], name='decision_lives_began'),
        ),
        migrations.AddConstraint(
            model_name='decisionlife',
            constraint=models.UniqueConstraint(fields=('project', 'item_id', 'began_version'), name='decision_lives_once'),
        ),
        migrations.AddConstraint(
            model_name='intakerefusal',
            constraint=models.UniqueConstraint(fields=('project', 'hour', 'door', 'reason'), name='intake_refusals_once'),
        ),
        migrations.AddIndex(
            model_name='sessionrollup',
            index=models.Index(fields=['project', 'bucket'], name='session_rollups_of_project'),
        ),
        migrations.AddIndex(
            model_name='sessionrollup',
            index=models.Index(fields=['user', 'bucket'], name='session_rollups_of_user'),
        ),
        migrations.AddConstraint(
            model_name='sessionrollup',
            constraint=models.UniqueConstraint(fields=('project', 'user', 'bucket'), name='session_rollups_once'),
        ),
        migrations.AddConstraint(
            model_name='workrollup',
            constraint=models.UniqueConstraint(fields=('project', 'bucket', 'kind', 'actor_kind'), name='work_rollups_once'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['-session_start', '-id'], name='user_sessions_newest'),
        ),
        migrations.AddIndex(
            model_name='agentactivity',
            index=models.Index(fields=['-received_at', '-id'], name='agent_activities_newest'),
        ),
        migrations.AddIndex(
            model_name='agentactivity',
            index=models.Index(condition=models.Q(('failure', ''), _negated=True), fields=['-received_at', '-id'], name='agent_activities_failed'),
        ),
        migrations.AlterModelOptions(name='activity', options={'verbose_name_plural': 'activities'}),
        migrations.AlterModelOptions(name='agentactivity', options={'verbose_name_plural': 'agent activities'}),
        migrations.AlterModelOptions(name='sessionanalytics', options={'verbose_name': 'analytics', 'verbose_name_plural': 'analytics'}),
        migrations.AlterModelOptions(name='apisignin', options={'verbose_name': 'API sign-in', 'verbose_name_plural': 'API sign-ins'}),
        migrations.AlterModelOptions(name='handoff', options={'verbose_name': 'hand-off', 'verbose_name_plural': 'hand-offs'}),
        migrations.AlterModelOptions(name='sessionrollup', options={'verbose_name': 'session roll-up', 'verbose_name_plural': 'session roll-ups'}),
        migrations.AlterModelOptions(name='workrollup', options={'verbose_name': 'work roll-up', 'verbose_name_plural': 'work roll-ups'}),
        migrations.AlterModelOptions(name='rollupfill', options={'verbose_name': 'roll-up fill', 'verbose_name_plural': 'roll-up fills'}),
        migrations.AlterModelOptions(name='decisionlife', options={'verbose_name_plural': 'decision lives'}),
        migrations.AlterModelOptions(name='trackedactivity', options={'verbose_name_plural': 'tracked activities'}),
        migrations.AlterModelOptions(name='webhookdelivery', options={'verbose_name_plural': 'webhook deliveries'}),
        RunSQLFile("policies/insight_v1"),
        RunSQLFile("functions/erase_project_v5"),
        migrations.AddField(
            model_name='session',
            name='inputs_measured',
            field=models.IntegerField(null=True),
        ),
        RunSQLFile("functions/rollups_v1"),
        RunSQLFile("functions/system_now_v1"),
        RunSQLFile("functions/true_analytics_v1"),
        RunSQLFile("functions/recount_v1"),
        RunSQLFile("functions/outgoing_v2"),
    ]
