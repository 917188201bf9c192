import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=10, unique=True, verbose_name='编号')),
                ('title', models.CharField(max_length=300, verbose_name='标题')),
                ('order', models.PositiveSmallIntegerField(verbose_name='顺序')),
                ('digest', models.CharField(max_length=64, verbose_name='内容指纹')),
                ('changed_at', models.DateTimeField(verbose_name='内容更新时间')),
                ('gone', models.BooleanField(default=False, verbose_name='已移出')),
            ],
            options={
                'verbose_name': '政策',
                'verbose_name_plural': '政策',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Zone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='试验区')),
                ('short', models.CharField(max_length=20, verbose_name='简称')),
                ('region', models.CharField(blank=True, max_length=6, verbose_name='行政区划代码')),
                ('order', models.PositiveSmallIntegerField(verbose_name='顺序')),
            ],
            options={
                'verbose_name': '试验区',
                'verbose_name_plural': '试验区',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='文件名')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('text', models.TextField(blank=True, verbose_name='文件内容')),
                ('report', models.JSONField(verbose_name='报告')),
                ('read_at', models.DateTimeField(verbose_name='读取时间')),
                ('applied_at', models.DateTimeField(blank=True, null=True, verbose_name='导入时间')),
                ('read_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='读取人')),
            ],
            options={
                'verbose_name': '政策导入',
                'verbose_name_plural': '政策导入',
                'ordering': ['-read_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('policy', '政策'), ('chapter', '章'), ('article', '条'), ('part', '部分'), ('section', '节'), ('item', '项'), ('subitem', '目'), ('box', '专栏'), ('table', '表'), ('stray', '未归位')], max_length=10, verbose_name='层级')),
                ('depth', models.PositiveSmallIntegerField(verbose_name='深度')),
                ('number', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('label', models.CharField(blank=True, max_length=40, verbose_name='编号')),
                ('heading', models.CharField(blank=True, max_length=300, verbose_name='标题')),
                ('text', models.TextField(blank=True, verbose_name='正文')),
                ('path', models.CharField(blank=True, max_length=80, verbose_name='地址')),
                ('order', models.PositiveIntegerField(verbose_name='顺序')),
                ('themes', models.JSONField(default=list, verbose_name='主题')),
                ('bigrams', models.TextField(blank=True, verbose_name='检索词')),
                ('gone', models.BooleanField(default=False, verbose_name='已移出')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='policies.node', verbose_name='上级')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='nodes', to='policies.policy', verbose_name='政策')),
            ],
            options={
                'verbose_name': '条款',
                'verbose_name_plural': '条款',
                'ordering': ['policy__order', 'order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('policy', 'path'), name='one_node_per_deep_link')],
            },
        ),
        migrations.CreateModel(
            name='Amount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.DecimalField(decimal_places=4, max_digits=14, verbose_name='数值')),
                ('low', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name='下限')),
                ('unit', models.CharField(max_length=4, verbose_name='单位')),
                ('wan', models.DecimalField(blank=True, db_index=True, decimal_places=4, max_digits=18, null=True, verbose_name='折合（万元）')),
                ('qualifier', models.CharField(blank=True, max_length=10, verbose_name='限定')),
                ('per', models.CharField(blank=True, max_length=20, verbose_name='计算单位')),
                ('order', models.PositiveSmallIntegerField(verbose_name='顺序')),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='amounts', to='policies.node', verbose_name='条款')),
            ],
            options={
                'verbose_name': '金额',
                'verbose_name_plural': '金额',
                'ordering': ['node', 'order'],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('heading', models.CharField(blank=True, max_length=300, verbose_name='原标题')),
                ('text', models.TextField(blank=True, verbose_name='原文')),
                ('until', models.DateTimeField(verbose_name='适用至')),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='policies.node', verbose_name='条款')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.importrun', verbose_name='导入')),
            ],
            options={
                'verbose_name': '历史版本',
                'verbose_name_plural': '历史版本',
                'ordering': ['-until', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Theme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(db_index=True, max_length=20, verbose_name='主题')),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='theme_rows', to='policies.node', verbose_name='条款')),
            ],
            options={
                'verbose_name': '主题',
                'verbose_name_plural': '主题',
            },
        ),
        migrations.AddField(
            model_name='policy',
            name='zone',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='policies.zone', verbose_name='试验区'),
        ),
    ]
