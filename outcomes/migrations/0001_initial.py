import django.db.models.deletion
import documents.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('applications', '0003_deadline_trigger'),
        ('calls', '0001_initial'),
        ('documents', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('kind', models.CharField(choices=[('publicity', '公示'), ('announcement', '公布名单')], max_length=15, verbose_name='种类')),
                ('title', models.CharField(max_length=150, verbose_name='标题')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('basis', models.TextField(verbose_name='依据与说明')),
                ('contacts', models.TextField(blank=True, verbose_name='联系方式')),
                ('rows', models.JSONField(default=list, verbose_name='名单')),
                ('state', models.CharField(choices=[('draft', '拟稿'), ('published', '已发布'), ('ended', '公示结束'), ('withdrawn', '已撤下')], default='draft', max_length=10, verbose_name='状态')),
                ('starts', models.DateField(blank=True, null=True, verbose_name='开始日')),
                ('working_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='工作日数')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='最后一日')),
                ('proposed_at', models.DateTimeField(verbose_name='拟稿时间')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='发布时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='撤下时间')),
                ('withdrawn_reason', models.CharField(blank=True, max_length=300, verbose_name='撤下原因')),
                ('fingerprint', models.CharField(blank=True, max_length=64, verbose_name='指纹')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='calls.call')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟稿人')),
            ],
            options={
                'verbose_name': '公示公告',
                'ordering': ['-published_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('approved_by__isnull', True), ('published_at__isnull', True), ('state', 'draft')), models.Q(('approved_by__isnull', False), ('published_at__isnull', False), models.Q(('state', 'draft'), _negated=True), models.Q(('fingerprint', ''), _negated=True), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='publication_published_by_two'), models.CheckConstraint(condition=models.Q(('state', 'draft'), ('kind', 'announcement'), models.Q(('ends_on__gte', models.F('starts')), ('starts__isnull', False), ('working_days__gte', 1)), _connector='OR'), name='publication_publicity_has_days'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), _negated=True), models.Q(('withdrawn_at__isnull', False), models.Q(('withdrawn_reason', ''), _negated=True)), _connector='OR'), name='publication_withdrawn_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ended'), _negated=True), models.Q(('ended_at__isnull', False), ('kind', 'publicity')), _connector='OR'), name='publication_only_publicity_ends')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('kind', models.CharField(choices=[('person', '个人'), ('unit', '单位')], max_length=10, verbose_name='提出人类别')),
                ('name', models.CharField(max_length=100, verbose_name='姓名或单位名称')),
                ('contact', models.CharField(max_length=100, verbose_name='联系方式')),
                ('text', models.TextField(verbose_name='异议内容')),
                ('attachment_name', models.CharField(blank=True, max_length=200, verbose_name='附件名')),
                ('received_at', models.DateTimeField(verbose_name='收到时间')),
                ('state', models.CharField(choices=[('received', '已收到'), ('handling', '核查中'), ('upheld', '成立'), ('rejected', '不成立')], default='received', max_length=10, verbose_name='办理状态')),
                ('handling_at', models.DateTimeField(blank=True, null=True, verbose_name='开始核查')),
                ('finding', models.TextField(blank=True, verbose_name='核查情况')),
                ('answer', models.TextField(blank=True, verbose_name='答复')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='办结时间')),
                ('application', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='applications.application')),
                ('attachment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.blob')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办结人')),
                ('handled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='承办人')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='outcomes.publication')),
            ],
            options={
                'verbose_name': '异议',
                'ordering': ['-received_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('contact', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='objection_has_a_name'), models.CheckConstraint(condition=models.Q(('kind', 'person'), ('attachment__isnull', False), _connector='OR'), name='objection_unit_is_sealed'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state__in', ['received', 'handling'])), models.Q(('closed_at__isnull', False), ('state__in', ['upheld', 'rejected']), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='objection_closed_whole'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'upheld'), _negated=True), models.Q(('closed_by__isnull', False), ('handled_by__isnull', False), models.Q(('handled_by', models.F('closed_by')), _negated=True)), _connector='OR'), name='objection_upheld_by_two')],
            },
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('of_limit', models.PositiveSmallIntegerField(null=True)),
                ('granted_reason', models.CharField(blank=True, max_length=500, verbose_name='超出理由')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('granted_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.application')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
            ],
            options={
                'verbose_name': '遴选名额位',
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('select', '入选'), ('decline', '不入选')], max_length=10, verbose_name='结果')),
                ('tier', models.CharField(blank=True, max_length=40, verbose_name='等次')),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='金额')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='理由')),
                ('state', models.CharField(choices=[('pending', '待生效'), ('applied', '已生效'), ('revoked', '已取消')], default='pending', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='拟定时间')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='批准时间')),
                ('applied_at', models.DateTimeField(null=True, verbose_name='生效时间')),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='applications.application')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟定人')),
                ('announcement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='announced', to='outcomes.publication')),
                ('publicity', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='publicised', to='outcomes.publication')),
                ('call_slot', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='held_as_call_slot', to='outcomes.slot')),
                ('direction_slot', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='held_as_direction_slot', to='outcomes.slot')),
                ('subfield_slot', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='held_as_subfield_slot', to='outcomes.slot')),
            ],
            options={
                'verbose_name': '遴选决定',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'select'), models.Q(('tier', ''), _negated=True)), models.Q(('amount__isnull', True), ('call_slot__isnull', True), ('direction_slot__isnull', True), ('outcome', 'decline'), ('subfield_slot__isnull', True), ('tier', '')), _connector='OR'), name='decision_outcome_whole'), models.CheckConstraint(condition=models.Q(models.Q(('applied_at__isnull', True), ('approved_by__isnull', True), ('state', 'pending')), models.Q(('applied_at__isnull', False), ('approved_at__isnull', False), ('approved_by__isnull', False), ('state__in', ['applied', 'revoked']), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='decision_applied_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'revoked'), _negated=True), models.Q(('call_slot__isnull', True), ('direction_slot__isnull', True), ('outcome', 'select'), ('subfield_slot__isnull', True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='decision_revoked_was_selected'), models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gt', 0), _connector='OR'), name='decision_amount_positive')],
            },
        ),
        migrations.CreateModel(
            name='SlotGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.CharField(max_length=40, verbose_name='等次')),
                ('kind', models.CharField(choices=[('call', '整个批次'), ('direction', '方向'), ('subfield', '细分领域')], max_length=10, verbose_name='范围')),
                ('limit', models.PositiveSmallIntegerField(verbose_name='上限')),
                ('soft', models.BooleanField(default=False, verbose_name='原则上')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slot_groups', to='calls.call')),
                ('direction', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slot_groups', to='calls.direction')),
                ('subfield', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slot_groups', to='calls.subfield')),
            ],
            options={
                'verbose_name': '遴选上限',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('direction__isnull', True), ('kind', 'call'), ('subfield__isnull', True)), models.Q(('direction__isnull', False), ('kind', 'direction'), ('subfield__isnull', True)), models.Q(('direction__isnull', False), ('kind', 'subfield'), ('subfield__isnull', False)), _connector='OR'), name='slot_group_scope_whole'), models.CheckConstraint(condition=models.Q(('limit__gte', 1), ('limit__lt', 10001)), name='slot_group_limit_below_granted'), models.UniqueConstraint(condition=models.Q(('kind', 'call')), fields=('call', 'tier'), name='slot_group_once_per_call'), models.UniqueConstraint(condition=models.Q(('kind', 'direction')), fields=('tier', 'direction'), name='slot_group_once_per_direction'), models.UniqueConstraint(condition=models.Q(('kind', 'subfield')), fields=('tier', 'subfield'), name='slot_group_once_per_subfield')],
            },
        ),
        migrations.AddField(
            model_name='slot',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='outcomes.slotgroup'),
        ),
        migrations.CreateModel(
            name='SlotRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.CharField(max_length=40, verbose_name='等次')),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='金额')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('state', models.CharField(choices=[('pending', '待批准'), ('granted', '已批准'), ('refused', '未批准')], default='pending', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='批准时间')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slot_requests', to='applications.application')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
            ],
            options={
                'verbose_name': '超出上限申请',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('application',), name='slot_request_one_pending'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', True), ('state', 'pending')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('state', 'refused'), models.Q(('state', 'granted'), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR')), _connector='OR'), name='slot_request_needs_two')],
            },
        ),
        migrations.CreateModel(
            name='StepRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('site_visit', '现场评估'), ('approval', '审定'), ('contract', '签订任务书'), ('acceptance', '验收')], max_length=20, verbose_name='步骤')),
                ('result', models.CharField(choices=[('pass', '通过'), ('fail', '不通过'), ('noted', '已记录')], max_length=10, verbose_name='结论')),
                ('note', models.CharField(blank=True, max_length=1000, verbose_name='说明')),
                ('at', models.DateTimeField(verbose_name='登记时间')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='step_records', to='applications.application')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '步骤记录',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['application', 'step', '-id'], name='step_record_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('result', 'fail'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='step_record_failed_says_why')],
            },
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.UniqueConstraint(fields=('group', 'number'), name='slot_once'),
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_by__isnull', True), ('granted_for__isnull', True), ('granted_reason', ''), ('number__gte', 1), ('number__lte', models.F('of_limit'))), models.Q(('approved_by__isnull', False), ('granted_for__isnull', False), ('number__gte', 10001), ('of_limit__isnull', True), ('proposed_by__isnull', False), models.Q(('granted_reason', ''), _negated=True), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='slot_within_limit_or_granted'),
        ),
    ]
