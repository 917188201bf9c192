import django.db.models.deletion
import surveys.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0003_surveys'),
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=surveys.models.new_public_id, editable=False, max_length=16, unique=True)),
                ('state', models.CharField(choices=[('asked', '未开始'), ('started', '填写中'), ('answered', '已填报'), ('checked', '已核对'), ('returned', '退回修改')], default='asked', max_length=10, verbose_name='状态')),
                ('place', models.PositiveSmallIntegerField(default=0)),
                ('until', models.DateTimeField(verbose_name='填报截止')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='联系邮箱')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='通知时间')),
                ('reminded_at', models.DateTimeField(null=True, verbose_name='催办时间')),
                ('reminders', models.PositiveSmallIntegerField(default=0, verbose_name='催办次数')),
                ('link', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='survey_requests', to='accounts.link')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='survey_requests', to='accounts.organisation', verbose_name='填报单位')),
            ],
            options={
                'verbose_name': '调查任务',
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.JSONField(default=dict, verbose_name='内容')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='保存次数')),
                ('saved_at', models.DateTimeField(verbose_name='保存时间')),
                ('saved_by', models.CharField(max_length=120, verbose_name='保存人')),
                ('submitted_at', models.DateTimeField(null=True, verbose_name='提交时间')),
                ('return_note', models.TextField(blank=True, verbose_name='退回意见')),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='answer', to='surveys.request')),
            ],
            options={
                'verbose_name': '调查填报',
            },
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=60, unique=True, verbose_name='代号')),
                ('title', models.CharField(max_length=150, verbose_name='名称')),
                ('rules', models.JSONField(verbose_name='规则')),
                ('state', models.CharField(choices=[('preparing', '准备中'), ('open', '进行中'), ('closed', '已结束')], default='preparing', max_length=10, verbose_name='状态')),
                ('regions', models.JSONField(default=list, verbose_name='调查地区')),
                ('answer_until', models.DateTimeField(null=True, verbose_name='填报截止')),
                ('district_until', models.DateTimeField(null=True, verbose_name='区县核对截止')),
                ('city_until', models.DateTimeField(null=True, verbose_name='市级核对截止')),
                ('province_until', models.DateTimeField(null=True, verbose_name='省级核对截止')),
                ('created_at', models.DateTimeField(verbose_name='建立时间')),
                ('opened_at', models.DateTimeField(null=True, verbose_name='开放时间')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='accounts.organisation', verbose_name='组织单位')),
            ],
            options={
                'verbose_name': '调查',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'preparing'), models.Q(('opened_at__isnull', False), ('answer_until__isnull', False)), _connector='OR'), name='survey_open_has_end')],
            },
        ),
        migrations.AddField(
            model_name='request',
            name='survey',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='surveys.survey'),
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('checked_at', models.DateTimeField(null=True, verbose_name='核对时间')),
                ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='survey_checks', to='accounts.organisation', verbose_name='核对单位')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='surveys.request')),
            ],
            options={
                'verbose_name': '核对',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('request', 'position'), name='survey_check_once'), models.UniqueConstraint(fields=('request', 'unit'), name='survey_check_unit_once')],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='版本')),
                ('data', models.JSONField(verbose_name='内容')),
                ('submitted_at', models.DateTimeField(verbose_name='提交时间')),
                ('submitted_by', models.CharField(max_length=120, verbose_name='提交人')),
                ('returned_at', models.DateTimeField(null=True, verbose_name='退回时间')),
                ('return_note', models.TextField(blank=True, verbose_name='退回意见')),
                ('returned_by', models.CharField(blank=True, max_length=120, verbose_name='退回单位')),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='submissions', to='surveys.answer')),
            ],
            options={
                'verbose_name': '调查填报版本',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('answer', 'number'), name='survey_submission_once')],
            },
        ),
        migrations.AddIndex(
            model_name='request',
            index=models.Index(fields=['survey', 'state'], name='survey_request_state'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.UniqueConstraint(fields=('survey', 'organisation'), name='survey_asks_a_unit_once'),
        ),
    ]
