"""The tables."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=300)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'db_table': 'projects',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('display_name', models.CharField(max_length=80)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('hides_agents', models.BooleanField(default=False)),
                ('is_staff', models.BooleanField(default=False)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'db_table': 'users',
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=300)),
                ('text', models.TextField(blank=True, max_length=40000)),
                ('state', models.CharField(choices=[('exploring', 'Exploring'), ('decided', 'Decided'), ('parked', 'Parked')], default='exploring', max_length=10)),
                ('reason', models.TextField(blank=True, max_length=2000)),
                ('outcome', models.CharField(blank=True, max_length=40)),
                ('version', models.BigIntegerField(default=0)),
                ('state_version', models.BigIntegerField(default=0)),
                ('decided_version', models.BigIntegerField(null=True)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state_changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state_by_agent', models.CharField(blank=True, max_length=100)),
                ('wake_at', models.DateTimeField(null=True)),
                ('woke_at', models.DateTimeField(null=True)),
                ('citation_quote', models.TextField(blank=True, max_length=2000)),
                ('citation_message_id', models.UUIDField(null=True)),
                ('citation_at', models.DateTimeField(null=True)),
                ('citation_confidence', models.FloatField(null=True)),
                ('import_key', models.CharField(blank=True, max_length=300)),
                ('import_seen', models.JSONField(blank=True, default=dict)),
                ('import_people', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('created_by_agent', models.CharField(blank=True, max_length=100)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('state_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'items',
            },
        ),
        migrations.CreateModel(
            name='Blocker',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('type', models.CharField(choices=[('information', 'Information'), ('decision', 'Decision'), ('clarification', 'Clarification')], max_length=20)),
                ('source', models.CharField(choices=[('agent', 'Agent'), ('dependency', 'Dependency')], max_length=12)),
                ('agent_type', models.CharField(blank=True, max_length=100)),
                ('text', models.TextField(max_length=2000)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.CharField(choices=[('open', 'Open'), ('cleared', 'Cleared'), ('dismissed', 'Dismissed')], default='open', max_length=10)),
                ('times_seen', models.IntegerField(default=1)),
                ('last_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('version', models.BigIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_how', models.CharField(blank=True, max_length=40)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='blockers', to='sessions_app.item')),
            ],
            options={
                'db_table': 'blockers',
            },
        ),
        migrations.CreateModel(
            name='ProjectCounter',
            fields=[
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='counter', serialize=False, to='sessions_app.project')),
                ('version', models.BigIntegerField(default=0)),
                ('version_transaction', models.BigIntegerField(null=True)),
                ('exploring', models.IntegerField(default=0)),
                ('decided', models.IntegerField(default=0)),
                ('parked', models.IntegerField(default=0)),
                ('questions_open', models.IntegerField(default=0)),
                ('blockers_open', models.IntegerField(default=0)),
            ],
            options={
                'db_table': 'project_counters',
            },
        ),
        migrations.AddField(
            model_name='project',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('user', 'Person'), ('assistant', 'Agent'), ('system', 'System')], max_length=10)),
                ('agent_type', models.CharField(blank=True, max_length=100)),
                ('text', models.TextField(blank=True, max_length=20000)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('version', models.BigIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('edited_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='messages', to='sessions_app.project')),
            ],
            options={
                'db_table': 'messages',
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('editor', 'Editor'), ('viewer', 'Viewer')], max_length=10)),
                ('version', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='memberships', to='sessions_app.project')),
            ],
            options={
                'db_table': 'memberships',
            },
        ),
        migrations.CreateModel(
            name='ItemDependency',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('is_imported', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('blocking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holds_up', to='sessions_app.item')),
                ('waiting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waits_for', to='sessions_app.item')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project')),
            ],
            options={
                'db_table': 'item_dependencies',
            },
        ),
        migrations.AddField(
            model_name='item',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='items', to='sessions_app.project'),
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('editor', 'Editor'), ('viewer', 'Viewer')], default='editor', max_length=10)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='invitations', to='sessions_app.project')),
            ],
            options={
                'db_table': 'invitations',
            },
        ),
        migrations.CreateModel(
            name='BlockerItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('blocker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocked_items', to='sessions_app.blocker')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stopped_by', to='sessions_app.item')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project')),
            ],
            options={
                'db_table': 'blocker_items',
            },
        ),
        migrations.AddField(
            model_name='blocker',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='blockers', to='sessions_app.project'),
        ),
        migrations.CreateModel(
            name='AgentToken',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('agent_type', models.CharField(max_length=100)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='agent_tokens', to='sessions_app.project')),
            ],
            options={
                'db_table': 'agent_tokens',
            },
        ),
        migrations.CreateModel(
            name='AgentActivity',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('agent_type', models.CharField(max_length=100)),
                ('action', models.CharField(max_length=200)),
                ('details', models.JSONField(default=dict)),
                ('occurred_at', models.DateTimeField(null=True)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('digested_version', models.BigIntegerField(null=True)),
                ('failure', models.CharField(blank=True, max_length=100)),
                ('agent_token', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.agenttoken')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='agent_activities', to='sessions_app.project')),
            ],
            options={
                'db_table': 'agent_activities',
            },
        ),
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('version', models.BigIntegerField()),
                ('kind', models.CharField(max_length=40)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_agent', models.CharField(blank=True, max_length=100)),
                ('item_id', models.UUIDField(null=True)),
                ('question_id', models.UUIDField(null=True)),
                ('blocker_id', models.UUIDField(null=True)),
                ('message_id', models.UUIDField(null=True)),
                ('data', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='activities', to='sessions_app.project')),
            ],
            options={
                'db_table': 'activities',
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('agent_type', models.CharField(max_length=100)),
                ('text', models.TextField(max_length=2000)),
                ('category', models.CharField(blank=True, max_length=100)),
                ('importance', models.CharField(blank=True, max_length=40)),
                ('options', models.JSONField(blank=True, default=list)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('dismissed', 'Dismissed'), ('expired', 'Expired')], default='open', max_length=10)),
                ('blocks', models.BooleanField(default=False)),
                ('times_seen', models.IntegerField(default=1)),
                ('last_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField(null=True)),
                ('version', models.BigIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True)),
                ('answer_message_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='questions', to='sessions_app.project')),
            ],
            options={
                'db_table': 'questions',
            },
        ),
        migrations.AddField(
            model_name='blocker',
            name='question',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='blockers', to='sessions_app.question'),
        ),
        migrations.CreateModel(
            name='QuestionItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sessions_app.item')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocked_items', to='sessions_app.question')),
            ],
            options={
                'db_table': 'question_items',
            },
        ),
        migrations.CreateModel(
            name='SeenEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('actor', models.CharField(max_length=120)),
                ('event_id', models.UUIDField()),
                ('body_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project')),
            ],
            options={
                'db_table': 'seen_events',
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('session_start', models.DateTimeField(default=django.utils.timezone.now)),
                ('session_end', models.DateTimeField(null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('snapshot_at_start', models.JSONField()),
                ('metadata', models.JSONField(default=dict)),
                ('last_activity', models.DateTimeField(default=django.utils.timezone.now)),
                ('end_version', models.BigIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='sessions', to='sessions_app.project')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'user_sessions',
            },
        ),
        migrations.CreateModel(
            name='SessionAnalytics',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('last_activity', models.DateTimeField(null=True)),
                ('previous_activity', models.DateTimeField(null=True)),
                ('items_decided_since', models.IntegerField(default=0)),
                ('items_exploring', models.IntegerField(default=0)),
                ('items_parked', models.IntegerField(default=0)),
                ('pending_questions', models.IntegerField(default=0)),
                ('suggested_next_steps', models.JSONField(default=list)),
                ('active_blockers', models.JSONField(default=list)),
                ('hidden_steps', models.JSONField(default=list)),
                ('computed_version', models.BigIntegerField(default=-1)),
                ('computed_member_version', models.BigIntegerField(default=-1)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'session_analytics',
            },
        ),
        migrations.CreateModel(
            name='StepMark',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('step_id', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('done', 'Done'), ('snoozed', 'Snoozed')], max_length=8)),
                ('subject_version', models.BigIntegerField()),
                ('until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='step_marks', to='sessions_app.membership')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sessions_app.project')),
            ],
            options={
                'db_table': 'step_marks',
            },
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='users_email_unique'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['project', '-version', '-created_at', '-id'], name='messages_page'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['user', 'assistant', 'system'])), name='messages_role_known'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(fields=['user', 'project'], name='memberships_of_user'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('project', 'user'), name='memberships_one_per_person'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'editor', 'viewer'])), name='memberships_role_known'),
        ),
        migrations.AddConstraint(
            model_name='itemdependency',
            constraint=models.UniqueConstraint(fields=('project', 'waiting', 'blocking'), name='item_dependencies_once'),
        ),
        migrations.AddConstraint(
            model_name='itemdependency',
            constraint=models.CheckConstraint(condition=models.Q(('waiting', models.F('blocking')), _negated=True), name='item_dependencies_not_self'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['project', 'state', '-state_version', '-id'], name='items_column'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'decided')), fields=['project', 'decided_version'], name='items_decided_since'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'exploring')), fields=['project', 'changed_at'], name='items_idle'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'parked'), ('woke_at__isnull', True)), fields=['wake_at'], name='items_wake_due'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'parked'), ('woke_at__isnull', False)), fields=['project', 'woke_at'], name='items_woken'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['exploring', 'decided', 'parked'])), name='items_state_known'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('citation_confidence__isnull', True), models.Q(('citation_confidence__gte', 0), ('citation_confidence__lte', 1)), _connector='OR'), name='items_confidence_0_to_1'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(condition=models.Q(('import_key', ''), _negated=True), fields=('project', 'import_key'), name='items_one_per_import_key'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(fields=['project', 'created_at'], name='invitations_of_project'),
        ),
        migrations.AddConstraint(
            model_name='blockeritem',
            constraint=models.UniqueConstraint(fields=('project', 'blocker', 'item'), name='blocker_items_once'),
        ),
        migrations.AddIndex(
            model_name='agenttoken',
            index=models.Index(fields=['project'], name='agent_tokens_of_project'),
        ),
        migrations.AddIndex(
            model_name='agentactivity',
            index=models.Index(condition=models.Q(('digested_version__isnull', True)), fields=['project', 'received_at'], name='agent_activities_waiting'),
        ),
        migrations.AddIndex(
            model_name='agentactivity',
            index=models.Index(fields=['project', '-received_at'], name='agent_activities_feed'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['project', '-version', '-id'], name='activities_since'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(condition=models.Q(('item_id__isnull', False)), fields=['project', 'item_id', '-id'], name='activities_of_item'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['project', 'created_at'], name='questions_open'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(condition=models.Q(('expires_at__isnull', False), ('status', 'open')), fields=['expires_at'], name='questions_due'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('project', 'fingerprint'), name='questions_open_once'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'answered', 'dismissed', 'expired'])), name='questions_status_known'),
        ),
        migrations.AddIndex(
            model_name='blocker',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['project', 'created_at'], name='blockers_open'),
        ),
        migrations.AddIndex(
            model_name='blocker',
            index=models.Index(condition=models.Q(('status', 'dismissed')), fields=['project', 'fingerprint'], name='blockers_dismissed'),
        ),
        migrations.AddConstraint(
            model_name='blocker',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('project', 'fingerprint'), name='blockers_open_once'),
        ),
        migrations.AddConstraint(
            model_name='blocker',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['information', 'decision', 'clarification'])), name='blockers_type_known'),
        ),
        migrations.AddConstraint(
            model_name='blocker',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'cleared', 'dismissed'])), name='blockers_status_known'),
        ),
        migrations.AddConstraint(
            model_name='questionitem',
            constraint=models.UniqueConstraint(fields=('project', 'question', 'item'), name='question_items_once'),
        ),
        migrations.AddIndex(
            model_name='seenevent',
            index=models.Index(fields=['created_at'], name='seen_events_age'),
        ),
        migrations.AddConstraint(
            model_name='seenevent',
            constraint=models.UniqueConstraint(fields=('project', 'actor', 'event_id'), name='seen_events_once'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['project', 'user', '-session_end'], name='user_sessions_last'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['project', '-session_start', '-id'], name='user_sessions_history'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(condition=models.Q(('is_active', True)), fields=['last_activity'], name='user_sessions_idle'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('project', 'user'), name='user_sessions_one_active'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_active', True), ('session_end__isnull', True)), models.Q(('is_active', False), ('session_end__isnull', False)), _connector='OR'), name='user_sessions_end_when_ended'),
        ),
        migrations.AddIndex(
            model_name='sessionanalytics',
            index=models.Index(fields=['project'], name='session_analytics_of_project'),
        ),
        migrations.AddConstraint(
            model_name='sessionanalytics',
            constraint=models.UniqueConstraint(fields=('user', 'project'), name='session_analytics_one'),
        ),
        migrations.AddIndex(
            model_name='stepmark',
            index=models.Index(condition=models.Q(('until__isnull', False)), fields=['until'], name='step_marks_until'),
        ),
        migrations.AddConstraint(
            model_name='stepmark',
            constraint=models.UniqueConstraint(fields=('project', 'membership', 'step_id'), name='step_marks_once'),
        ),
        migrations.AddConstraint(
            model_name='stepmark',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['done', 'snoozed'])), name='step_marks_kind_known'),
        ),
    ]
