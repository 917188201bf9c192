import django.db.models.deletion
import documents.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('applications', '0008_copies'),
        ('calls', '0003_winners'),
        ('documents', '0009_certificates'),
        ('outcomes', '0005_award_triggers'),
    ]

    operations = [
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('tier', models.CharField(max_length=40, verbose_name='等次')),
                ('number', models.CharField(max_length=60, unique=True, verbose_name='证书编号')),
                ('state', models.CharField(choices=[('valid', '有效'), ('revoked', '已撤销'), ('replaced', '已换发')], default='valid', max_length=10, verbose_name='状态')),
                ('issued_at', models.DateTimeField(verbose_name='发证时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='失效时间')),
                ('ended_reason', models.CharField(blank=True, max_length=300, verbose_name='失效原因')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='applications.application')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='documents.document')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='outcomes.publication')),
                ('replaced_by', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='honours.certificate')),
            ],
            options={
                'verbose_name': '证书',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'valid')), fields=('application', 'tier'), name='certificate_one_valid'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_reason', ''), ('replaced_by__isnull', True), ('state', 'valid')), models.Q(('ended_at__isnull', False), ('replaced_by__isnull', True), ('state', 'revoked'), models.Q(('ended_reason', ''), _negated=True)), models.Q(('ended_at__isnull', False), ('replaced_by__isnull', False), ('state', 'replaced'), models.Q(('ended_reason', ''), _negated=True)), _connector='OR'), name='certificate_state_fits_columns')],
            },
        ),
        migrations.CreateModel(
            name='CertificateChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('revoke', '撤销'), ('reissue', '换发')], max_length=10, verbose_name='事项')),
                ('reason', models.CharField(max_length=300, verbose_name='理由')),
                ('state', models.CharField(choices=[('pending', '待批准'), ('done', '已办理'), ('refused', '未批准')], default='pending', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='批准时间')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='honours.certificate')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
            ],
            options={
                'verbose_name': '证书变更',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('certificate',), name='certificate_change_one_pending'), models.CheckConstraint(condition=models.Q(models.Q(('approved_by__isnull', True), ('state', 'pending')), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), models.Q(('state', 'refused'), models.Q(('state', 'done'), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR')), _connector='OR'), name='certificate_change_needs_two')],
            },
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('programme_title', models.CharField(max_length=120, verbose_name='项目计划')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('title', models.CharField(max_length=120, verbose_name='项目名称')),
                ('organisation', models.CharField(max_length=100, verbose_name='单位')),
                ('recommender', models.CharField(blank=True, max_length=100, verbose_name='推荐单位')),
                ('direction', models.CharField(blank=True, max_length=120, verbose_name='方向')),
                ('region', models.CharField(blank=True, db_index=True, max_length=6, verbose_name='地区')),
                ('tier', models.CharField(max_length=40, verbose_name='入选结果')),
                ('tier_title', models.CharField(max_length=60, verbose_name='入选结果名称')),
                ('award_tier', models.CharField(blank=True, max_length=40, verbose_name='优胜结果')),
                ('award_title', models.CharField(blank=True, max_length=60, verbose_name='优胜结果名称')),
                ('fields', models.JSONField(default=list, verbose_name='公开内容')),
                ('indicators', models.JSONField(default=list, verbose_name='公开指标')),
                ('words', models.TextField(blank=True, verbose_name='检索文字')),
                ('since', models.DateTimeField(db_index=True, verbose_name='公开时间')),
                ('award_since', models.DateTimeField(blank=True, null=True, verbose_name='优胜公开时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='撤下时间')),
                ('announcement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='outcomes.publication')),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='public_project', to='applications.application')),
                ('award_list', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awarded_projects', to='outcomes.publication')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='calls.call')),
            ],
            options={
                'verbose_name': '公开项目',
                'ordering': ['-since', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('award_list__isnull', True), ('award_since__isnull', True), ('award_tier', '')), models.Q(models.Q(('award_tier', ''), _negated=True), ('award_list__isnull', False), ('award_since__isnull', False)), _connector='OR'), name='project_award_whole')],
            },
        ),
        migrations.CreateModel(
            name='ArchiveRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='用途')),
                ('evidence', models.BooleanField(default=False, verbose_name='含证明材料')),
                ('state', models.CharField(choices=[('pending', '待批准'), ('approved', '已批准'), ('refused', '未批准')], default='pending', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='批准时间')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='archive_requests', to='calls.call')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
            ],
            options={
                'verbose_name': '归档申请',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('call', 'proposed_by'), name='archive_request_one_pending'), models.CheckConstraint(condition=models.Q(models.Q(('approved_by__isnull', True), ('state', 'pending')), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), models.Q(('state', 'refused'), models.Q(('state', 'approved'), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR')), _connector='OR'), name='archive_request_needs_two')],
            },
        ),
    ]
