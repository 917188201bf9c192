import applications.models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('applications', '0008_copies'),
        ('outcomes', '0002_slots_trigger'),
    ]

    operations = [
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=applications.models.new_public_id, editable=False, max_length=16, unique=True)),
                ('filed_version', models.PositiveIntegerField(verbose_name='申报版本')),
                ('state', models.CharField(choices=[('under_way', '实施中'), ('ready', '已完成待评价'), ('ended', '已结题'), ('failed', '未通过验收'), ('terminated', '已终止'), ('void', '名单已撤下')], default='under_way', max_length=12, verbose_name='状态')),
                ('title', models.CharField(max_length=60, verbose_name='项目名称')),
                ('lead', models.CharField(blank=True, max_length=60, verbose_name='项目负责人')),
                ('partners', models.JSONField(blank=True, default=list, verbose_name='参与单位')),
                ('starts_on', models.DateField(verbose_name='起始日')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='到期日')),
                ('limit_on', models.DateField(blank=True, null=True, verbose_name='规定最长期限')),
                ('started_at', models.DateTimeField(verbose_name='建立时间')),
                ('ready_on', models.DateField(blank=True, null=True, verbose_name='报告完成日')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('closed_reason', models.CharField(blank=True, max_length=500, verbose_name='结束原因')),
                ('voided_from', models.CharField(blank=True, max_length=12)),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='task', to='applications.application')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='outcomes.publication', verbose_name='所依名单')),
            ],
            options={
                'verbose_name': '任务',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['state', 'due_on'], name='task_by_days')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['under_way', 'ready', 'ended', 'failed', 'terminated', 'void'])), name='task_state_known'), models.CheckConstraint(condition=models.Q(('due_on__isnull', True), ('due_on__gte', models.F('starts_on')), _connector='OR'), name='task_term_has_length'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state__in', ['under_way', 'ready'])), models.Q(('state__in', ['ended', 'failed', 'terminated', 'void']), ('closed_at__isnull', False)), _connector='OR'), name='task_closed_has_instant'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['failed', 'terminated', 'void']), _negated=True), models.Q(('closed_reason', ''), _negated=True), _connector='OR'), name='task_ended_early_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['ready', 'ended', 'failed']), _negated=True), ('ready_on__isnull', False), _connector='OR'), name='task_done_has_day')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('key', models.CharField(max_length=60, verbose_name='代号')),
                ('name', models.CharField(max_length=100, verbose_name='指标')),
                ('unit', models.CharField(blank=True, max_length=30, verbose_name='单位')),
                ('basis', models.CharField(blank=True, max_length=100, verbose_name='条件')),
                ('kind', models.CharField(max_length=10, verbose_name='类型')),
                ('operator', models.CharField(blank=True, max_length=2, verbose_name='比较方式')),
                ('reference', models.CharField(blank=True, max_length=100, verbose_name='参考值')),
                ('current', models.CharField(blank=True, max_length=60, verbose_name='申报时水平')),
                ('target', models.CharField(blank=True, max_length=60, verbose_name='目标')),
                ('first_target', models.CharField(blank=True, max_length=60, verbose_name='申报的目标')),
                ('lowered', models.BooleanField(default=False, verbose_name='目标已调低')),
                ('method', models.CharField(blank=True, max_length=200, verbose_name='测试方法')),
                ('rule', models.JSONField(blank=True, default=dict, verbose_name='参考指标')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='fulfilment.task')),
            ],
            options={
                'verbose_name': '任务指标',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('task', 'key'), name='target_once')],
            },
        ),
        migrations.CreateModel(
            name='Happening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('what', models.CharField(max_length=60, verbose_name='事项')),
                ('text', models.CharField(blank=True, max_length=600, verbose_name='说明')),
                ('by_name', models.CharField(blank=True, max_length=60, verbose_name='办理人')),
                ('by_office', models.BooleanField(default=False, verbose_name='主管部门办理')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='history', to='fulfilment.task')),
            ],
            options={
                'verbose_name': '任务记录',
                'ordering': ['pk'],
            },
        ),
    ]
