import django.db.models.deletion
import documents.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('applications', '0003_deadline_trigger'),
        ('calls', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Expert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='邮箱')),
                ('name', models.CharField(max_length=50, verbose_name='姓名')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='手机号')),
                ('title', models.CharField(blank=True, max_length=60, verbose_name='职称职务')),
                ('fields', models.JSONField(default=list, verbose_name='专业领域')),
                ('employer_name', models.CharField(max_length=100, verbose_name='现任职单位')),
                ('employer_code', models.CharField(blank=True, max_length=18, verbose_name='单位统一社会信用代码')),
                ('past_employers', models.JSONField(blank=True, default=list, verbose_name='曾任职单位')),
                ('region', models.CharField(blank=True, max_length=6, verbose_name='所在地区')),
                ('capacity', models.PositiveSmallIntegerField(default=20, verbose_name='评审量上限')),
                ('available', models.BooleanField(default=True, verbose_name='可参加评审')),
                ('created_at', models.DateTimeField(verbose_name='入库时间')),
                ('pool', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='experts', to='accounts.organisation', verbose_name='专家库')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='expert_roles', to=settings.AUTH_USER_MODEL, verbose_name='账号')),
            ],
            options={
                'verbose_name': '专家',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('pool', 'email'), name='expert_once_per_pool'), models.UniqueConstraint(condition=models.Q(('user__isnull', False)), fields=('pool', 'user'), name='expert_user_once_per_pool')],
            },
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('declared', '专家申明'), ('computed', '系统比对'), ('office', '组织方指定')], max_length=10, verbose_name='来源')),
                ('reason', models.CharField(max_length=300, verbose_name='理由')),
                ('state', models.CharField(choices=[('active', '有效'), ('dismissed', '已排除'), ('pinned', '锁定')], default='active', max_length=10, verbose_name='状态')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_conflicts', to='applications.application')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='reviews.expert')),
            ],
            options={
                'verbose_name': '回避关系',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('expert', 'application', 'kind'), name='conflict_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'declared'), _negated=True), models.Q(('state', 'dismissed'), _negated=True), _connector='OR'), name='conflict_declared_stands')],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('state', models.CharField(choices=[('proposed', '拟分配'), ('deployed', '已下发'), ('recused', '已回避'), ('replaced', '已更换')], default='proposed', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='拟定时间')),
                ('deployed_at', models.DateTimeField(blank=True, null=True, verbose_name='下发时间')),
                ('declared_at', models.DateTimeField(blank=True, null=True, verbose_name='申明时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='终止时间')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='终止原因')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_assignments', to='applications.application')),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='reviews.expert')),
            ],
            options={
                'verbose_name': '评审任务',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scores', models.JSONField(default=dict, verbose_name='分数')),
                ('comments', models.JSONField(default=dict, verbose_name='理由')),
                ('overall', models.TextField(blank=True, verbose_name='总体意见')),
                ('total', models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name='加权合计')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('submitted', '已提交')], default='draft', max_length=10, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='版本')),
                ('saved_at', models.DateTimeField(blank=True, null=True, verbose_name='保存时间')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='提交时间')),
                ('reopened_at', models.DateTimeField(blank=True, null=True, verbose_name='退回时间')),
                ('reopen_reason', models.CharField(blank=True, max_length=300, verbose_name='退回理由')),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='reviews.assignment')),
            ],
            options={
                'verbose_name': '评分',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'draft'), ('submitted_at__isnull', True)), models.Q(('state', 'submitted'), ('submitted_at__isnull', False)), _connector='OR'), name='review_submitted_has_instant'), models.CheckConstraint(condition=models.Q(('total__gte', 0), ('total__lte', 100)), name='review_total_within_scale')],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('title', models.CharField(max_length=80, verbose_name='名称')),
                ('state', models.CharField(choices=[('draft', '筹备中'), ('assigning', '分配中'), ('open', '评审中'), ('closed', '已结束')], default='draft', max_length=10, verbose_name='状态')),
                ('form', models.JSONField(verbose_name='评分表')),
                ('method', models.CharField(choices=[('mean', '算术平均'), ('trimmed', '去掉一个最高分和一个最低分后平均'), ('median', '中位数'), ('z_score', '按专家标准化（z 分数）')], max_length=10, verbose_name='计分方法')),
                ('experts_per_application', models.PositiveSmallIntegerField(verbose_name='每项专家数')),
                ('min_reviews', models.PositiveSmallIntegerField(verbose_name='最少评审数')),
                ('blind', models.BooleanField(default=False, verbose_name='匿名评审')),
                ('region_recusal', models.BooleanField(default=False, verbose_name='地区回避')),
                ('opens_at', models.DateTimeField(verbose_name='开始时间')),
                ('closes_at', models.DateTimeField(verbose_name='截止时间')),
                ('seed', models.CharField(max_length=64)),
                ('seed_commitment', models.CharField(max_length=64, verbose_name='抽取种子承诺值')),
                ('proposal', models.JSONField(blank=True, default=dict, verbose_name='分配方案说明')),
                ('created_at', models.DateTimeField(verbose_name='建立时间')),
                ('deployed_at', models.DateTimeField(blank=True, null=True, verbose_name='下发时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_rounds', to='calls.call')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='review_rounds', to='accounts.organisation', verbose_name='组织单位')),
                ('pool', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='专家库')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '评审轮次',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('opens_at__lt', models.F('closes_at'))), name='round_has_length'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state__in', ['draft', 'assigning'])), models.Q(('closed_at__isnull', True), ('deployed_at__isnull', False), ('state', 'open')), models.Q(('closed_at__isnull', False), ('deployed_at__isnull', False), ('state', 'closed')), _connector='OR'), name='round_state_fits_columns')],
            },
        ),
        migrations.CreateModel(
            name='Result',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='得分')),
                ('rank', models.PositiveIntegerField(blank=True, null=True, verbose_name='名次')),
                ('rank_low', models.PositiveIntegerField(blank=True, null=True, verbose_name='名次区间起')),
                ('rank_high', models.PositiveIntegerField(blank=True, null=True, verbose_name='名次区间止')),
                ('reviews_count', models.PositiveSmallIntegerField(verbose_name='评审数')),
                ('flags', models.JSONField(blank=True, default=list, verbose_name='提示')),
                ('computed_at', models.DateTimeField(verbose_name='计算时间')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_results', to='applications.application')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='reviews.round')),
            ],
            options={
                'verbose_name': '评审结果',
                'ordering': ['rank', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('round', 'application'), name='result_once')],
            },
        ),
        migrations.AddField(
            model_name='assignment',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='reviews.round'),
        ),
        migrations.CreateModel(
            name='RoundApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='评审编号')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_entries', to='applications.application')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='reviews.round')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.version')),
            ],
            options={
                'verbose_name': '参评申报书',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('round', 'application'), name='entry_once_per_round'), models.UniqueConstraint(fields=('round', 'number'), name='entry_number_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(fields=('round', 'expert', 'application'), name='assignment_once'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('deployed_at__isnull', True), ('ended_at__isnull', True), ('state', 'proposed')), models.Q(('deployed_at__isnull', False), ('ended_at__isnull', True), ('state', 'deployed')), models.Q(('ended_at__isnull', False), ('state__in', ['recused', 'replaced']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='assignment_state_fits_columns'),
        ),
    ]
