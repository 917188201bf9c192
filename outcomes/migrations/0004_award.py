"""The award's own decisions, and the stage of caps and lists.

SQLite builds a changed table anew and would lose its triggers, or stumble over those that name it:
they go first, and come back with 0005.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = ("outcomes_decision", "outcomes_slot", "outcomes_slotgroup")


def drop_triggers(apps, schema_editor) -> None:
    for table in TABLES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_cap ON {table}")
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {table}_cap()")
            continue
        for act in ("insert", "update"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_cap_{act}")


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0008_copies'),
        ('outcomes', '0003_results_of_visits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        migrations.AddField(
            model_name='publication',
            name='stage',
            field=models.CharField(choices=[('selection', '遴选'), ('award', '优胜')], default='selection', max_length=10, verbose_name='阶段'),
        ),
        migrations.AddField(
            model_name='slotgroup',
            name='stage',
            field=models.CharField(choices=[('selection', '遴选'), ('award', '优胜')], default='selection', max_length=10, verbose_name='阶段'),
        ),
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('win', '授予'), ('none', '不授予')], max_length=10, verbose_name='结果')),
                ('tier', models.CharField(blank=True, max_length=40, verbose_name='等次')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='理由')),
                ('exception', models.CharField(blank=True, max_length=500, verbose_name='无有效测评结果仍授予的理由')),
                ('standing', models.JSONField(blank=True, default=dict, verbose_name='依据')),
                ('state', models.CharField(choices=[('pending', '待生效'), ('applied', '已生效'), ('revoked', '已取消')], default='pending', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='拟定时间')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='批准时间')),
                ('applied_at', models.DateTimeField(null=True, verbose_name='生效时间')),
                ('announcement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='announced_awards', to='outcomes.publication')),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='award', to='applications.application')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('call_slot', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awarded_as_call_slot', to='outcomes.slot')),
                ('direction_slot', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awarded_as_direction_slot', to='outcomes.slot')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟定人')),
                ('publicity', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='publicised_awards', to='outcomes.publication')),
                ('subfield_slot', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awarded_as_subfield_slot', to='outcomes.slot')),
            ],
            options={
                'verbose_name': '优胜决定',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'win'), models.Q(('tier', ''), _negated=True)), models.Q(('call_slot__isnull', True), ('direction_slot__isnull', True), ('exception', ''), ('outcome', 'none'), ('subfield_slot__isnull', True), ('tier', '')), _connector='OR'), name='award_outcome_whole'), models.CheckConstraint(condition=models.Q(models.Q(('applied_at__isnull', True), ('approved_by__isnull', True), ('state', 'pending')), models.Q(('applied_at__isnull', False), ('approved_at__isnull', False), ('approved_by__isnull', False), ('state__in', ['applied', 'revoked']), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='award_applied_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'revoked'), _negated=True), models.Q(('announcement__isnull', True), ('call_slot__isnull', True), ('direction_slot__isnull', True), ('outcome', 'win'), ('subfield_slot__isnull', True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='award_revoked_was_won'), models.CheckConstraint(condition=models.Q(models.Q(('announcement__isnull', True), ('publicity__isnull', True)), models.Q(('outcome', 'win'), ('state__in', ['applied', 'revoked'])), _connector='OR'), name='award_published_was_won')],
            },
        ),
    ]
