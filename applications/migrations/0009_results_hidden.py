"""``Application.shown_as``: the status everybody but the office sees until a result is published."""

from django.db import migrations, models
from django.db.models import Q

from core.migrating import old_renaming

STATUSES = [
    ("draft", "填写中"),
    ("submitted", "已提交"),
    ("returned", "退回修改"),
    ("recommended", "已推荐"),
    ("accepted", "形式审查通过"),
    ("not_accepted", "形式审查未通过"),
    ("in_review", "评审中"),
    ("finalist", "入围"),
    ("not_selected", "未入围"),
    ("withdrawn", "已撤回"),
    ("lapsed", "已失效"),
]


class Migration(migrations.Migration):
    dependencies = [("applications", "0008_copies")]

    operations = [
        migrations.RunPython(old_renaming(on=True), old_renaming(on=False)),
        migrations.AddField(
            model_name="application",
            name="shown_as",
            field=models.CharField(
                blank=True,
                choices=STATUSES,
                default="",
                max_length=12,
                verbose_name="结果公布前的状态",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                name="application_only_results_hidden",
                condition=Q(shown_as="")
                | Q(
                    status__in=["finalist", "not_selected"],
                    shown_as__in=("submitted", "recommended", "accepted", "in_review"),
                ),
            ),
        ),
        migrations.RunPython(old_renaming(on=False), old_renaming(on=True)),
    ]
