"""``Call.number_prefix``: the prefix under which a call gives numbers, once among all calls.

Calls that opened before keep the one of their rules; where several share it, the one that has given
numbers to filings has it, and the others, which could give none, take the next one free.
"""

from django.db import migrations, models

from calls.numbering import free
from core.migrating import old_renaming


def take(apps, schema_editor) -> None:
    Call = apps.get_model("calls", "Call")
    Counter = apps.get_model("documents", "Counter")
    numbered = set(
        Counter.objects.filter(series__startswith="application:", value__gt=0).values_list(
            "series", flat=True
        )
    )
    opened = Call.objects.exclude(state="preparing").order_by("opened_at", "pk")
    taken: set[str] = set()
    for call in sorted(opened, key=lambda one: f"application:{one.pk}" not in numbered):
        prefix = call.rules.get("number_prefix") or call.code.upper()
        call.number_prefix = free(prefix, rehearsal=False, taken=taken)
        taken.add(call.number_prefix)
        call.save(update_fields=["number_prefix"])


class Migration(migrations.Migration):
    dependencies = [("calls", "0004_rules_over_time"), ("documents", "0001_initial")]

    operations = [
        migrations.RunPython(old_renaming(on=True), old_renaming(on=False)),
        migrations.AddField(
            model_name="call",
            name="number_prefix",
            field=models.CharField(
                blank=True, default="", max_length=32, verbose_name="编号前缀"
            ),
            preserve_default=False,
        ),
        migrations.RunPython(take, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                condition=~models.Q(number_prefix=""),
                fields=("number_prefix",),
                name="call_number_prefix_once",
            ),
        ),
        migrations.RunPython(old_renaming(on=False), old_renaming(on=True)),
    ]
