"""Directions and indicators of a call from a sheet: template, export, preview, all or nothing."""

from django import forms
from django.core import signing
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls import directing, directionbook, directionfile, standing
from calls import programme as programmes
from calls.models import Call
from calls.programme import Choice, Direction
from calls.programme.differences import between
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents.sheets import MOST_BYTES
from documents.workbook import MEDIA_TYPE
from office.views.calls import READERS, call_or_404
from office.web import attached

SALT = "office.directions"
SECONDS = 60 * 60
"""How long a preview may be applied."""


class SheetForm(forms.Form):
    sheet = forms.FileField(label="方向与指标表（xlsx）", help_text="用本页的模板填写，不超过 2 MB")
    complete = forms.BooleanField(
        label="方向已列全", required=False, help_text="不选时页面注明方向清单不完整"
    )
    reason = forms.CharField(
        label="变更理由",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="批次已开放：由一人提出、另一人批准后生效",
    )

    def __init__(self, *args, call: Call, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        preparing = call.state == Call.State.PREPARING
        del self.fields["reason" if preparing else "complete"]

    def clean_sheet(self):
        sheet = self.cleaned_data["sheet"]
        if sheet.size > MOST_BYTES:
            raise forms.ValidationError("文件超过 2 MB，请删去表格以外的内容后再上传。")
        return sheet


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def load(request, code):
    """A sheet is looked over with its faults or its changes; the preview is then applied whole."""
    call = call_or_404(code)
    if request.method == "POST" and request.POST.get("act") == "apply":
        return _apply(request, call)
    initial = {"complete": call.programme.directions_complete}
    if request.method != "POST":
        return _page(request, call, SheetForm(call=call, initial=initial))
    form = SheetForm(request.POST, request.FILES, call=call)
    found = {}
    if form.is_valid():
        with refused_into(form):
            found = _preview(call, form)
    return _page(request, call, form, **found)


def _preview(call, form):
    upload = form.cleaned_data["sheet"]
    sheet = directionfile.read(upload.read(), upload.name, known=_known(call))
    if sheet.wrong:
        return {"wrong": sheet.wrong}
    found = {"sheet": sheet}
    complete = form.cleaned_data.get("complete", call.programme.directions_complete)
    programme = directing.with_directions(
        call, sheet.directions, classes=sheet.classes, complete=complete
    )
    if call.state == Call.State.PREPARING:
        found["changes"] = between(call.rules, programmes.to_rules(programme))
        if not found["changes"]:
            raise Refusal("no-change", "表格与现行方向相同，没有需要保存的改动。", status=422)
    else:
        found["new"] = [directing.words(one) for one in directing.added(call, sheet.directions)]
    found["payload"] = signing.dumps(
        {
            "call": call.pk,
            "basis": directing.basis(call),
            "directions": [one.model_dump(mode="json") for one in sheet.directions],
            "classes": [one.model_dump(mode="json") for one in sheet.classes],
            "complete": complete,
            "reason": form.cleaned_data.get("reason", ""),
            "sha256": sheet.sha256,
            "name": upload.name[-120:],
        },
        salt=SALT,
        compress=True,
    )
    return found


def _known(call):
    """The rules with the directions as they stand: their keys and names are known."""
    return call.programme.model_copy(
        update={"classes": standing.classes(call), "directions": standing.directions(call)}
    )


def _apply(request, call):
    try:
        data = signing.loads(request.POST.get("payload", ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        raise Refusal("preview-over", "预览已过期，请重新上传表格。", status=422) from None
    if data["call"] != call.pk or data["basis"] != directing.basis(call):
        raise Refusal("changed-meanwhile", "预览之后方向又有改动，请重新上传表格。")
    directions = [Direction.model_validate(one) for one in data["directions"]]
    classes = [Choice.model_validate(one) for one in data["classes"]]
    actor, at = Actor.of(request), request.arrived_at
    if call.state == Call.State.PREPARING:
        programme = directing.with_directions(
            call, directions, classes=classes, complete=data["complete"]
        )
        with told(request, success=f"已导入 {len(directions)} 个方向，请重新演练后再开放。"):
            directing.replace(
                call, programme, sha256=data["sha256"], name=data["name"], actor=actor, at=at
            )
    else:
        with told(request, success="新方向已提出，由另一人批准后生效。"):
            directing.propose(
                call, directions, classes=classes, reason=data["reason"], actor=actor, at=at
            )
    return redirect("office:call", call.code)


def _page(request, call, form, **found):
    return render(
        request,
        "office/directions_import.html",
        {
            "call": call,
            "form": form,
            "preparing": call.state == Call.State.PREPARING,
            "directions": standing.directions(call),
            "has_errors": bool(found.get("wrong")),
            **found,
        },
        status=422 if found.get("wrong") else form_status(form),
    )


@require_safe
@policy(*READERS)
def export(request, code):
    """The directions as they stand, in the columns of the template."""
    call = call_or_404(code)
    data = directionbook.workbook(standing.directions(call), classes=_known(call).classes)
    return attached(data, MEDIA_TYPE, f"{call.code} 方向与指标.xlsx")


@require_safe
@policy(*READERS)
def template(request, code):
    call = call_or_404(code)
    data = directionbook.workbook([], classes=())
    return attached(data, MEDIA_TYPE, f"{call.code} 方向与指标模板.xlsx")
