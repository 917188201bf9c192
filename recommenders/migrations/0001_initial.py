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
        ('documents', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Allotment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(blank=True, default='', max_length=60, verbose_name='方向')),
                ('pool', models.CharField(blank=True, default='', max_length=60, verbose_name='名额池')),
                ('limit', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='名额')),
                ('soft', models.BooleanField(default=False, verbose_name='原则上')),
                ('counts_in_region', models.BooleanField(default=True, verbose_name='占属地指标')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('changed_at', models.DateTimeField(verbose_name='调整时间')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allotments', to='calls.call')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allotments', to='accounts.organisation', verbose_name='推荐单位')),
            ],
            options={
                'verbose_name': '推荐名额',
                'constraints': [models.UniqueConstraint(fields=('call', 'organisation', 'scope', 'pool'), name='allotment_once_per_scope'), models.CheckConstraint(condition=models.Q(('limit__isnull', True), ('limit__lt', 10001), _connector='OR'), name='allotment_limit_below_granted')],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('of_limit', models.PositiveSmallIntegerField(null=True)),
                ('allotment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='recommenders.allotment')),
                ('granted_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='granted_places', to='applications.application')),
            ],
            options={
                'verbose_name': '名额位',
                'constraints': [models.UniqueConstraint(fields=('allotment', 'number'), name='place_once'), models.CheckConstraint(condition=models.Q(models.Q(('granted_for__isnull', False), ('number__gte', 10001)), models.Q(('granted_for__isnull', True), ('number__gte', 1), ('of_limit__isnull', True)), models.Q(('granted_for__isnull', True), ('number__gte', 1), ('number__lte', models.F('of_limit'))), _connector='OR'), name='place_within_limit')],
            },
        ),
        migrations.CreateModel(
            name='OverQuotaRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('reason', models.TextField(verbose_name='理由')),
                ('proposed_at', models.DateTimeField(verbose_name='申请时间')),
                ('state', models.CharField(choices=[('pending', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('cancelled', '已撤回')], default='pending', max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='审批时间')),
                ('decision_note', models.CharField(blank=True, max_length=300, verbose_name='审批意见')),
                ('allotment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='recommenders.allotment')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='over_quota_requests', to='applications.application')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
                ('place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='recommenders.place')),
            ],
            options={
                'verbose_name': '超额申请',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('application',), name='over_quota_one_pending'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('place__isnull', True), ('state', 'pending')), models.Q(('decided_at__isnull', False), ('place__isnull', False), ('state', 'approved')), models.Q(('decided_at__isnull', False), ('state__in', ['refused', 'cancelled'])), _connector='OR'), name='over_quota_decision_whole')],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('note', models.CharField(blank=True, max_length=60, verbose_name='备注')),
                ('confirmed_at', models.DateTimeField(verbose_name='推荐时间')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='撤下时间')),
                ('release_reason', models.CharField(blank=True, max_length=300, verbose_name='撤下原因')),
                ('allotment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='recommenders.allotment')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='applications.application')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤下人')),
                ('place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='confirmations', to='recommenders.place')),
            ],
            options={
                'verbose_name': '推荐',
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('place',), name='confirmation_place_held_once'), models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('application',), name='confirmation_one_per_application'), models.CheckConstraint(condition=models.Q(('place__isnull', False), ('released_at__isnull', False), _connector='OR'), name='confirmation_live_has_place'), models.CheckConstraint(condition=models.Q(models.Q(('release_reason', ''), ('released_at__isnull', True)), models.Q(('released_at__isnull', False), models.Q(('release_reason', ''), _negated=True)), _connector='OR'), name='confirmation_release_has_reason'), models.CheckConstraint(condition=models.Q(('rank__gte', 1)), name='confirmation_rank_from_one')],
            },
        ),
        migrations.CreateModel(
            name='Preselection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('forwarded', '已上报'), ('held', '未上报')], max_length=10, verbose_name='初审意见')),
                ('rank', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='排序')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('at', models.DateTimeField(verbose_name='初审时间')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='preselections', to='applications.application')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='初审人')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='preselections', to='accounts.organisation')),
            ],
            options={
                'verbose_name': '初审',
                'constraints': [models.UniqueConstraint(fields=('application', 'organisation'), name='preselection_once')],
            },
        ),
        migrations.CreateModel(
            name='RankedList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', '编制中'), ('frozen', '已确认，待盖章'), ('sealed', '盖章件已核对'), ('delivered', '已报送')], default='open', max_length=10, verbose_name='状态')),
                ('version', models.PositiveSmallIntegerField(default=0, verbose_name='版本')),
                ('changed_at', models.DateTimeField(null=True, verbose_name='改动时间')),
                ('delivered_at', models.DateTimeField(null=True, verbose_name='报送时间')),
                ('flagged_at', models.DateTimeField(null=True, verbose_name='逾期未报标记')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ranked_lists', to='calls.call')),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编制人')),
                ('delivered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='报送人')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ranked_lists', to='accounts.organisation')),
            ],
            options={
                'verbose_name': '推荐名单',
                'constraints': [models.UniqueConstraint(fields=('call', 'organisation'), name='ranked_list_once'), models.CheckConstraint(condition=models.Q(models.Q(('delivered_at__isnull', False), ('state', 'delivered')), models.Q(models.Q(('state', 'delivered'), _negated=True), ('delivered_at__isnull', True)), _connector='OR'), name='ranked_list_delivered_when')],
            },
        ),
        migrations.CreateModel(
            name='ListVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='版本')),
                ('rows', models.JSONField(verbose_name='名单')),
                ('hash', models.CharField(max_length=64, verbose_name='指纹')),
                ('frozen_at', models.DateTimeField(verbose_name='确认时间')),
                ('letter_number', models.CharField(blank=True, max_length=60, verbose_name='文件编号')),
                ('voided_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('void_reason', models.CharField(blank=True, max_length=300, verbose_name='作废原因')),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审核人')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('prepared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='填表人')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='recommenders.rankedlist')),
            ],
            options={
                'verbose_name': '名单版本',
                'constraints': [models.UniqueConstraint(fields=('list', 'number'), name='list_version_once'), models.UniqueConstraint(condition=models.Q(('voided_at__isnull', True)), fields=('list',), name='list_version_one_in_force'), models.CheckConstraint(condition=models.Q(models.Q(('void_reason', ''), ('voided_at__isnull', True)), models.Q(('voided_at__isnull', False), models.Q(('void_reason', ''), _negated=True)), _connector='OR'), name='list_version_void_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Reserve',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='备选序号')),
                ('note', models.CharField(blank=True, max_length=60, verbose_name='备注')),
                ('at', models.DateTimeField(verbose_name='列入时间')),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reserve', to='applications.application')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='列入人')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reserve', to='recommenders.rankedlist')),
            ],
            options={
                'verbose_name': '备选',
                'constraints': [models.CheckConstraint(condition=models.Q(('rank__gte', 1)), name='reserve_rank_from_one')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('diameter_mm', models.DecimalField(decimal_places=1, max_digits=4, verbose_name='直径（毫米）')),
                ('valid_from', models.DateField(verbose_name='启用日')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='停用日')),
                ('registered_at', models.DateTimeField(verbose_name='登记时间')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='核准时间')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核准人')),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.blob')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='accounts.organisation')),
                ('registered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '单位印章',
                'constraints': [models.CheckConstraint(condition=models.Q(('diameter_mm__gte', 30), ('diameter_mm__lte', 60)), name='seal_diameter'), models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='seal_span'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('registered_by')), _negated=True), _connector='OR'), name='seal_two_people')],
            },
        ),
        migrations.CreateModel(
            name='SealedScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=documents.codes.new_public_id, editable=False, max_length=16, unique=True)),
                ('uploaded_at', models.DateTimeField(verbose_name='上传时间')),
                ('result', models.JSONField(verbose_name='比对结果')),
                ('state', models.CharField(choices=[('matched', '逐页相符'), ('refused', '不符'), ('manual_pending', '人工确认，待复核'), ('manual_confirmed', '人工确认，已复核')], max_length=20, verbose_name='状态')),
                ('manual_reason', models.CharField(blank=True, max_length=300, verbose_name='人工确认理由')),
                ('manual_at', models.DateTimeField(null=True, verbose_name='人工确认时间')),
                ('second_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('second_note', models.CharField(blank=True, max_length=300, verbose_name='复核意见')),
                ('list_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='recommenders.listversion')),
                ('manual_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人工确认人')),
                ('second_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'verbose_name': '盖章扫描件',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['matched', 'refused']), models.Q(('manual_by__isnull', False), ('state', 'manual_pending'), models.Q(('manual_reason', ''), _negated=True)), models.Q(('manual_by__isnull', False), ('second_by__isnull', False), ('state', 'manual_confirmed'), models.Q(('manual_reason', ''), _negated=True), models.Q(('second_by', models.F('manual_by')), _negated=True)), _connector='OR'), name='sealed_scan_by_hand_whole')],
            },
        ),
        migrations.CreateModel(
            name='ScanFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=255, verbose_name='文件名')),
                ('pages', models.PositiveSmallIntegerField(default=1, verbose_name='页数')),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.blob')),
                ('scan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='recommenders.sealedscan')),
            ],
            options={
                'verbose_name': '扫描文件',
                'constraints': [models.UniqueConstraint(fields=('scan', 'position'), name='scan_file_position')],
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='核查日期')),
                ('people', models.CharField(max_length=100, verbose_name='核查人员')),
                ('finding', models.TextField(verbose_name='核查情况')),
                ('passed', models.BooleanField(verbose_name='核查通过')),
                ('at', models.DateTimeField(verbose_name='登记时间')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='applications.application')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='accounts.organisation')),
            ],
            options={
                'verbose_name': '现场核查',
                'constraints': [models.UniqueConstraint(fields=('application', 'organisation'), name='visit_once')],
            },
        ),
    ]
