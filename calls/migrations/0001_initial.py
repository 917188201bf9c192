import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='日期')),
                ('working', models.BooleanField(verbose_name='上班')),
                ('note', models.CharField(blank=True, max_length=100, verbose_name='说明')),
            ],
            options={
                'verbose_name': '日历调整',
            },
        ),
        migrations.CreateModel(
            name='Winner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('programme_code', models.CharField(blank=True, max_length=60, verbose_name='方案代号')),
                ('round_title', models.CharField(max_length=120, verbose_name='批次')),
                ('title', models.CharField(max_length=120, verbose_name='项目名称')),
                ('organisation_code', models.CharField(blank=True, db_index=True, max_length=18, verbose_name='统一社会信用代码')),
                ('organisation_name', models.CharField(max_length=100, verbose_name='单位')),
                ('announced_on', models.DateField(blank=True, null=True, verbose_name='公布日期')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
            ],
            options={
                'verbose_name': '往届优胜项目',
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=60, unique=True, verbose_name='代号')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('programme_code', models.CharField(max_length=60, verbose_name='方案代号')),
                ('rules', models.JSONField(verbose_name='规则')),
                ('state', models.CharField(choices=[('preparing', '筹备中'), ('open', '进行中'), ('closed', '已结束')], default='preparing', max_length=10, verbose_name='状态')),
                ('filing_from', models.DateTimeField(blank=True, null=True, verbose_name='申报开始')),
                ('filing_until', models.DateTimeField(blank=True, null=True, verbose_name='申报截止')),
                ('recommendation_until', models.DateTimeField(blank=True, null=True, verbose_name='推荐截止')),
                ('scan_until', models.DateTimeField(blank=True, null=True, verbose_name='盖章扫描件截止')),
                ('paper_until', models.DateTimeField(blank=True, null=True, verbose_name='纸质材料截止')),
                ('review_until', models.DateTimeField(blank=True, null=True, verbose_name='评审截止')),
                ('announcement_by', models.DateTimeField(blank=True, null=True, verbose_name='公布名单')),
                ('rehearsal', models.BooleanField(default=False, verbose_name='演练')),
                ('clock_offset', models.DurationField(default=datetime.timedelta, verbose_name='演练时钟')),
                ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='开放时间')),
                ('created_at', models.DateTimeField(verbose_name='建立时间')),
            ],
            options={
                'verbose_name': '批次',
                'constraints': [models.CheckConstraint(condition=models.Q(('filing_from__isnull', True), ('filing_until__isnull', True), ('filing_from__lt', models.F('filing_until')), _connector='OR'), name='call_filing_has_length'), models.CheckConstraint(condition=models.Q(('recommendation_until__isnull', True), ('filing_until__isnull', True), ('recommendation_until__gt', models.F('filing_until')), _connector='OR'), name='call_recommendation_after_filing'), models.CheckConstraint(condition=models.Q(('rehearsal', True), ('clock_offset', datetime.timedelta(0)), _connector='OR'), name='call_clock_moves_in_rehearsal_only')],
            },
        ),
        migrations.CreateModel(
            name='Direction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60, verbose_name='代号')),
                ('title', models.CharField(max_length=120, verbose_name='方向')),
                ('class_title', models.CharField(default='未注明', max_length=60, verbose_name='类别')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
                ('verified', models.BooleanField(default=True, verbose_name='已核实')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='directions', to='calls.call')),
            ],
            options={
                'verbose_name': '方向',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('call', 'key'), name='direction_once_per_call')],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(choices=[('filing', '申报截止'), ('preselection', '初审报送截止'), ('recommendation', '推荐截止'), ('paper', '纸质材料截止')], max_length=20, verbose_name='期限')),
                ('until', models.DateTimeField(verbose_name='延至')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('state', models.CharField(choices=[('proposed', '待批准'), ('approved', '已批准'), ('refused', '未批准')], default='proposed', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='calls.call')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='accounts.organisation')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '延期',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), models.Q(('approved_by__isnull', False), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='extension_needs_two')],
            },
        ),
        migrations.CreateModel(
            name='LevelDate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(choices=[('filing', '申报截止'), ('preselection', '初审报送截止'), ('recommendation', '推荐截止'), ('paper', '纸质材料截止')], max_length=20, verbose_name='期限')),
                ('until', models.DateTimeField(verbose_name='截止时间')),
                ('copies', models.PositiveSmallIntegerField(default=0, verbose_name='纸质份数')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='level_dates', to='calls.call')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='level_dates', to='accounts.organisation')),
            ],
            options={
                'verbose_name': '本级期限',
                'constraints': [models.UniqueConstraint(fields=('call', 'organisation', 'key'), name='level_date_once')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=150, verbose_name='标题')),
                ('body', models.TextField(verbose_name='正文')),
                ('published_at', models.DateTimeField(null=True, verbose_name='发布时间')),
                ('call', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='calls.call')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '通知',
                'ordering': ['-published_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SubField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60, verbose_name='代号')),
                ('title', models.CharField(max_length=120, verbose_name='细分领域')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
                ('direction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subfields', to='calls.direction')),
            ],
            options={
                'verbose_name': '细分领域',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('direction', 'key'), name='subfield_once_per_direction')],
            },
        ),
        migrations.CreateModel(
            name='Indicator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60, verbose_name='代号')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='次序')),
                ('rule', models.JSONField(verbose_name='指标')),
                ('direction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='indicators', to='calls.direction')),
                ('subfield', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='indicators', to='calls.subfield')),
            ],
            options={
                'verbose_name': '参考指标',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('direction', 'key'), name='indicator_once_per_direction')],
            },
        ),
    ]
