import django.db.models.deletion
import documents.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('applications', '0008_copies'),
        ('documents', '0005_result_letters'),
        ('reviews', '0002_feedback'),
    ]

    operations = [
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('title', models.CharField(max_length=60, verbose_name='会议名称')),
                ('place', models.CharField(max_length=80, verbose_name='地点')),
                ('starts_at', models.DateTimeField(verbose_name='会议时间')),
                ('state', models.CharField(choices=[('planned', '筹备中'), ('running', '进行中'), ('closed', '已结束'), ('cancelled', '已取消')], default='planned', max_length=10, verbose_name='状态')),
                ('motions', models.JSONField(verbose_name='表决意见')),
                ('secret', models.BooleanField(default=True, verbose_name='无记名表决')),
                ('rule', models.CharField(choices=[('most', '得票最多'), ('half', '得票最多且超过在场成员半数'), ('two_thirds', '得票最多且达到在场成员三分之二')], default='most', max_length=12, verbose_name='通过办法')),
                ('quorum', models.PositiveSmallIntegerField(default=3, verbose_name='法定人数')),
                ('created_at', models.DateTimeField(verbose_name='建立时间')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='开始时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='取消原因')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='reviews.round', verbose_name='评审轮次')),
            ],
            options={
                'verbose_name': '评审会议',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('quorum__gte', 1)), name='meeting_quorum_positive'), models.CheckConstraint(condition=models.Q(models.Q(('cancel_reason', ''), ('closed_at__isnull', True), ('started_at__isnull', True), ('state', 'planned')), models.Q(('closed_at__isnull', True), ('started_at__isnull', False), ('state', 'running')), models.Q(('closed_at__isnull', False), ('started_at__isnull', False), ('state', 'closed')), models.Q(('closed_at__isnull', False), ('started_at__isnull', True), ('state', 'cancelled'), models.Q(('cancel_reason', ''), _negated=True)), _connector='OR'), name='meeting_state_fits_columns')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('position', models.PositiveIntegerField(verbose_name='顺序')),
                ('state', models.CharField(choices=[('waiting', '待审议'), ('current', '正在审议'), ('concluded', '已审议')], default='waiting', max_length=10, verbose_name='状态')),
                ('sitting', models.PositiveSmallIntegerField(default=0, verbose_name='第几次审议')),
                ('called_at', models.DateTimeField(blank=True, null=True, verbose_name='开始审议')),
                ('vote_opened_at', models.DateTimeField(blank=True, null=True, verbose_name='开始表决')),
                ('ballots', models.JSONField(blank=True, default=dict, verbose_name='无记名票数')),
                ('notes', models.TextField(blank=True, verbose_name='讨论记录')),
                ('notes_version', models.PositiveIntegerField(default=0, verbose_name='记录版本')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='panel_item', to='reviews.roundapplication', verbose_name='参评申报书')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='panels.meeting')),
            ],
            options={
                'verbose_name': '审议项目',
                'ordering': ['position', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'current')), fields=('meeting',), name='item_one_current'), models.CheckConstraint(condition=models.Q(models.Q(('called_at__isnull', True), ('state', 'waiting'), ('vote_opened_at__isnull', True)), models.Q(('called_at__isnull', False), ('sitting__gt', 0), ('state__in', ['current', 'concluded'])), _connector='OR'), name='item_state_fits_columns')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_chair', models.BooleanField(default=False, verbose_name='组长')),
                ('invited_at', models.DateTimeField(verbose_name='邀请时间')),
                ('entered_at', models.DateTimeField(blank=True, null=True, verbose_name='签到时间')),
                ('away', models.BooleanField(default=False, verbose_name='离席')),
                ('away_reason', models.CharField(blank=True, max_length=100, verbose_name='离席原因')),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='reviews.expert')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='panels.meeting')),
            ],
            options={
                'verbose_name': '会议成员',
                'ordering': ['-is_chair', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('meeting', 'expert'), name='member_once'), models.UniqueConstraint(condition=models.Q(('is_chair', True)), fields=('meeting',), name='member_one_chair')],
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sitting', models.PositiveSmallIntegerField(verbose_name='第几次审议')),
                ('presence', models.CharField(choices=[('in', '在场'), ('barred', '回避'), ('absent', '未到会'), ('away', '离席')], max_length=8, verbose_name='到场')),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='原因')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='panels.item')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='panels.member')),
            ],
            options={
                'verbose_name': '到场记录',
                'ordering': ['item', 'sitting', 'member'],
                'constraints': [models.UniqueConstraint(fields=('item', 'sitting', 'member'), name='attendance_once')],
            },
        ),
        migrations.CreateModel(
            name='PanelResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='会评得分')),
                ('rank', models.PositiveIntegerField(blank=True, null=True, verbose_name='会评名次')),
                ('before_score', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='网评得分')),
                ('before_rank', models.PositiveIntegerField(blank=True, null=True, verbose_name='网评名次')),
                ('reviews_count', models.PositiveSmallIntegerField(verbose_name='计分份数')),
                ('changed', models.PositiveSmallIntegerField(verbose_name='改分人数')),
                ('flags', models.JSONField(blank=True, default=list, verbose_name='提示')),
                ('counted', models.JSONField(default=dict, verbose_name='计分')),
                ('opinion', models.CharField(blank=True, max_length=60, verbose_name='会议意见')),
                ('how', models.CharField(max_length=30, verbose_name='方式')),
                ('discussed', models.BooleanField(verbose_name='已审议')),
                ('computed_at', models.DateTimeField(verbose_name='计算时间')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panel_results', to='applications.application')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='panels.meeting')),
            ],
            options={
                'verbose_name': '会评结果',
                'ordering': ['rank', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('meeting', 'application'), name='panel_result_once')],
            },
        ),
        migrations.CreateModel(
            name='Rescore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sitting', models.PositiveSmallIntegerField(verbose_name='第几次审议')),
                ('scores', models.JSONField(verbose_name='分数')),
                ('before', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='改前合计')),
                ('total', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='改后合计')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('replaced_at', models.DateTimeField(blank=True, null=True, verbose_name='被替代时间')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rescores', to='panels.item')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rescores', to='panels.member')),
            ],
            options={
                'verbose_name': '会上改分',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaced_at__isnull', True)), fields=('item', 'member'), name='rescore_one_counts'), models.CheckConstraint(condition=models.Q(('before__gte', 0), ('before__lte', 100), ('total__gte', 0), ('total__lte', 100)), name='rescore_within_scale'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='rescore_has_reason'), models.CheckConstraint(condition=models.Q(('total', models.F('before')), _negated=True), name='rescore_changes_something')],
            },
        ),
        migrations.CreateModel(
            name='Ruling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sitting', models.PositiveSmallIntegerField(verbose_name='第几次审议')),
                ('how', models.CharField(choices=[('vote', '表决通过'), ('tie', '票数相同'), ('chair', '票数相同，组长决定'), ('short', '未达到规定票数'), ('none', '未表决')], max_length=6, verbose_name='方式')),
                ('motion', models.CharField(blank=True, max_length=10, verbose_name='意见')),
                ('tally', models.JSONField(verbose_name='票数')),
                ('present', models.PositiveSmallIntegerField(verbose_name='在场人数')),
                ('voted', models.PositiveSmallIntegerField(verbose_name='投票人数')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='组长理由')),
                ('concluded_at', models.DateTimeField(verbose_name='结束时间')),
                ('reopen_reason', models.CharField(blank=True, max_length=300, verbose_name='重新审议的理由')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rulings', to='panels.item')),
            ],
            options={
                'verbose_name': '审议结论',
                'ordering': ['item', 'sitting'],
                'constraints': [models.UniqueConstraint(fields=('item', 'sitting'), name='ruling_once'), models.CheckConstraint(condition=models.Q(('voted__lte', models.F('present'))), name='ruling_votes_within_room'), models.CheckConstraint(condition=models.Q(models.Q(('how', 'vote'), ('reason', ''), models.Q(('motion', ''), _negated=True)), models.Q(('how', 'chair'), models.Q(('motion', ''), _negated=True), models.Q(('reason', ''), _negated=True)), models.Q(('how__in', ['short', 'none']), ('motion', ''), ('reason', '')), _connector='OR'), name='ruling_how_fits_columns')],
            },
        ),
        migrations.CreateModel(
            name='SignedScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('kind', models.CharField(choices=[('minutes', '会议纪要'), ('signatures', '签到与签字表')], max_length=10, verbose_name='种类')),
                ('name', models.CharField(max_length=100, verbose_name='文件名')),
                ('pages', models.PositiveSmallIntegerField(verbose_name='页数')),
                ('at', models.DateTimeField(verbose_name='上传时间')),
                ('replaced_at', models.DateTimeField(blank=True, null=True, verbose_name='被替代时间')),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.blob')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='panels.meeting')),
            ],
            options={
                'verbose_name': '签字扫描件',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaced_at__isnull', True)), fields=('meeting', 'kind'), name='signed_scan_one_in_force')],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret', models.BooleanField(verbose_name='无记名')),
                ('choice', models.CharField(blank=True, max_length=10, verbose_name='意见')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('attendance', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='vote', to='panels.attendance')),
            ],
            options={
                'verbose_name': '表决',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('choice', ''), ('secret', True)), models.Q(('secret', False), models.Q(('choice', ''), _negated=True)), _connector='OR'), name='vote_secret_keeps_no_choice')],
            },
        ),
    ]
