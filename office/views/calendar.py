"""The working-day calendar: which years are known, and entering the arrangement of one."""

import re
from datetime import date
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls import calendar, services
from calls.models import CalendarDay
from core.web import form_status, refused_into, told

DAY = re.compile(r"(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?")


class DaysField(forms.CharField):
    """Dates, one a line or separated by spaces or commas."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value) -> set[date]:
        text = super().clean(value)
        found = set()
        for part in re.split(r"[\s,，、;；]+", text):
            if not part:
                continue
            match = DAY.fullmatch(part)
            try:
                found.add(date(*map(int, match.groups())) if match else date.fromisoformat(part))
            except ValueError:
                raise forms.ValidationError(f"“{part}”不是日期，请写成 2027-01-01。") from None
        return found


class YearForm(forms.Form):
    year = forms.IntegerField(label="年份", min_value=2000, max_value=2100)
    rest = DaysField(
        label="放假的工作日", required=False, help_text="周一至周五中放假的日期，如 2027-01-01"
    )
    work = DaysField(label="上班的周末", required=False, help_text="周六、周日中调休上班的日期")
    note = forms.CharField(label="依据", max_length=100, help_text="放假安排通知的文号")


def known_years() -> list[Any]:
    """Years entered by the office, and the last year the shipped data knows."""
    return list(
        CalendarDay.objects.values("day__year")
        .annotate(days=Count("pk"), rest=Count("pk", filter=Q(working=False)))
        .order_by("day__year")
    )


def last_shipped(year: int) -> int:
    """The last year, not after ``year``, that the shipped calendar knows but for its last days.

    Those belong to the arrangement of the next New Year.
    """
    while True:
        try:
            calendar.is_working_day(date(year, 12, 28))
            return year
        except calendar.UnknownYear:
            year -= 1


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def page(request):
    form = YearForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with (
            refused_into(form),
            told(request, success=f"{data['year']} 年的放假调休安排已录入，即时生效。"),
        ):
            services.enter_year(
                data["year"],
                rest=data["rest"],
                work=data["work"],
                note=data["note"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:calendar")
    return render(
        request,
        "office/calendar.html",
        {
            "form": form,
            "years": known_years(),
            "shipped": last_shipped(request.arrived_at.year + 1),
        },
        status=form_status(form),
    )
