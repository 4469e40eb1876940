"""Coming back: the anchor, looks at decisions, reviews, wake-ups, hand-offs, the digest."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from sessions_app.db.operations import RunSQLFile


class Migration(migrations.Migration):

    dependencies = [
        ('sessions_app', '0004_doors'),
    ]

    operations = [
        migrations.CreateModel(
            name='DecisionLook',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('decided_version', models.BigIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'db_table': 'decision_looks',
            },
        ),
        migrations.CreateModel(
            name='HandOff',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField(max_length=4000)),
                ('version', models.BigIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'db_table': 'hand_offs',
            },
        ),
        migrations.AddField(
            model_name='blocker',
            name='raised_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='blocker',
            name='waits_for',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='blocker',
            name='waits_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='item',
            name='alternatives',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='item',
            name='contest_reason',
            field=models.TextField(blank=True, db_default='', max_length=2000),
        ),
        migrations.AddField(
            model_name='item',
            name='contested_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='item',
            name='contested_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='item',
            name='idle_warned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='item',
            name='review_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='item',
            name='review_due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='item',
            name='superseded_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='supersedes', to='sessions_app.item'),
        ),
        migrations.AddField(
            model_name='item',
            name='wake_item',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='wakes', to='sessions_app.item'),
        ),
        migrations.AddField(
            model_name='item',
            name='wake_sessions',
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='caught_up_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='caught_up_at_before',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='caught_up_version',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='caught_up_version_before',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='idle_park_days',
            field=models.SmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='question',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='question',
            name='ended_how',
            field=models.CharField(blank=True, db_default='', max_length=80),
        ),
        migrations.AddField(
            model_name='user',
            name='digest',
            field=models.CharField(choices=[('off', 'Off'), ('daily', 'Daily'), ('weekly', 'Weekly')], db_default='off', default='off', max_length=6),
        ),
        migrations.AddField(
            model_name='user',
            name='digest_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='blocker',
            name='source',
            field=models.CharField(choices=[('agent', 'Agent'), ('dependency', 'Dependency'), ('person', 'Person')], max_length=12),
        ),
        migrations.AlterField(
            model_name='blocker',
            name='ended_how',
            field=models.CharField(blank=True, max_length=340),
        ),
        # After the field, so that going back it runs first: what is longer would not fit the column of before.
        migrations.RunSQL(
            sql=migrations.RunSQL.noop,
            reverse_sql="update blockers set ended_how = left(ended_how, 40) where length(ended_how) > 40",
        ),
        migrations.AddIndex(
            model_name='blocker',
            index=models.Index(condition=models.Q(('status', 'open'), ('waits_until__isnull', False)), fields=['waits_until'], name='blockers_due'),
        ),
        migrations.AddIndex(
            model_name='blocker',
            index=models.Index(condition=models.Q(('status', 'open'), _negated=True), fields=['project', '-ended_at', '-id'], name='blockers_ended'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(condition=models.Q(('status', 'open'), _negated=True), fields=['project', '-ended_at', '-id'], name='questions_ended'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('wake_item__isnull', False)), fields=['wake_item'], name='items_wake_item'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'parked'), ('wake_sessions__isnull', False), ('woke_at__isnull', True)), fields=['project'], name='items_wake_sessions'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('review_due_at__isnull', True), ('state', 'decided')), fields=['review_at'], name='items_review_due'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'decided'), models.Q(('contested_at__isnull', False), ('review_due_at__isnull', False), _connector='OR')), fields=['project'], name='items_to_review'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('superseded_by__isnull', False)), fields=['superseded_by'], name='items_superseded'),
        ),
        migrations.AddField(
            model_name='decisionlook',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sessions_app.item'),
        ),
        migrations.AddField(
            model_name='decisionlook',
            name='membership',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decision_looks', to='sessions_app.membership'),
        ),
        migrations.AddField(
            model_name='decisionlook',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='session',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='hand_offs', to='sessions_app.session'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='decisionlook',
            constraint=models.UniqueConstraint(fields=('project', 'membership', 'item'), name='decision_looks_once'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(fields=['project', '-version', '-id'], name='hand_offs_newest'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.UniqueConstraint(fields=('project', 'session'), name='hand_offs_one_per_session'),
        ),
        RunSQLFile("policies/coming_back_v1"),
        RunSQLFile("functions/erase_project_v4"),
        RunSQLFile("functions/erase_person_v4"),
        RunSQLFile("functions/question_reach_v1"),
        RunSQLFile("functions/step_facts_v2"),
        RunSQLFile("functions/unseen_decisions_v1"),
        RunSQLFile("functions/summary_v2"),
        RunSQLFile("functions/upkeep_v2"),
    ]
