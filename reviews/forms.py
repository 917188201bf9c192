"""What organisers and experts type on the review pages, folded and checked."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from calls.models import Call
from core import dayfields
from core.figures import whole, whole_or
from reviews import aggregation, poolfile
from reviews.models import Expert
from reviews.poolfile import Entry
from reviews.scoring import Criterion, Sheet

REQUIRED = {"required": "请填写"}
CHOOSE = {"required": "请选择", "invalid_choice": "请从列表中选择"}
NUMBER = {
    "required": "请填写",
    "invalid": "请填写整数",
    "min_value": "不小于 %(limit_value)d",
    "max_value": "不大于 %(limit_value)d",
}
MOMENT = {"required": "请填写", "invalid": "请填写日期和时间，例如 2021-12-20 18:00"}
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]


def _moment(label: str, help_text: str = "") -> dayfields.DateTimeField:
    return dayfields.DateTimeField(
        label=label,
        input_formats=MOMENT_FORMATS,
        error_messages=MOMENT,
        help_text=help_text,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )


class RoundForm(forms.Form):
    call = forms.ModelChoiceField(
        Call.objects.none(), label="批次", error_messages=CHOOSE, empty_label="请选择"
    )
    title = forms.CharField(
        label="轮次名称", max_length=40, initial="网络评审", error_messages=REQUIRED
    )
    opens_at = _moment("开始时间")
    closes_at = _moment("截止时间", "到这一时刻为止（不含），以服务器时间为准")
    experts_per_application = forms.IntegerField(
        label="每项专家数",
        min_value=1,
        max_value=15,
        error_messages=NUMBER,
        required=False,
        help_text="不填则按方案规定",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-unit": "人"}),
    )
    method = forms.ChoiceField(
        label="计分方法",
        required=False,
        choices=[("", "按方案规定"), *((m.value, t) for m, t in aggregation.LABELS.items())],
        error_messages=CHOOSE,
    )
    region_recusal = forms.BooleanField(
        label="实行地区回避", required=False, help_text="专家不评本省级地区的申报"
    )

    criteria_text = forms.CharField(
        label="本单位评分标准",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="每行一项：名称、权重、满分，用空格分开，例如“创新性 40 10”；"
        "权重合计 100，满分可省略（10 分）。留空则按方案规定",
    )

    def __init__(self, *args: Any, calls: Any, own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].queryset = calls  # type: ignore[attr-defined]
        if not own:
            del self.fields["criteria_text"]

    def clean_criteria_text(self) -> tuple[Criterion, ...]:
        """The lines as criteria; the whole is refused where one of them is not understood."""
        found, wrong = [], []
        lines = unicodedata.normalize("NFKC", self.cleaned_data["criteria_text"]).splitlines()
        for n, line in enumerate((one for one in lines if one.strip()), start=1):
            parts = line.replace(",", " ").split()
            figures = [one for one in map(whole, parts[1:]) if one is not None]
            title = parts[0]
            odd = len(parts) not in (2, 3) or len(figures) != len(parts) - 1 or len(title) > 30
            if odd or not all(0 < one <= 100 for one in figures):
                wrong.append(f"第 {n} 行“{line.strip()}”须为：名称 权重 满分")
                continue
            highest = figures[1] if len(figures) > 1 else 10
            found.append(Criterion(f"own{n}", title, figures[0], highest))
        weights = sum(one.weight for one in found)
        if wrong:
            raise forms.ValidationError("；".join(wrong))
        if found and weights != 100:
            raise forms.ValidationError(f"权重合计须为 100，现为 {weights}")
        if len({one.title for one in found}) != len(found):
            raise forms.ValidationError("评分项的名称不能重复")
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and opens >= closes:
            self.add_error("closes_at", "截止时间须晚于开始时间")
        return data


class ExtendForm(forms.Form):
    closes_at = _moment("新的截止时间")
    reason = forms.CharField(label="理由", max_length=300, error_messages=REQUIRED)


class ExpertForm(forms.Form):
    """One person of the pool; the address is fixed once invited."""

    name = forms.CharField(label="姓名", max_length=50, error_messages=REQUIRED)
    email = forms.CharField(
        label="邮箱",
        max_length=200,
        error_messages=REQUIRED,
        help_text="激活链接发往此邮箱，专家自行设置密码",
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )
    phone = forms.CharField(
        label="手机号",
        max_length=20,
        required=False,
        help_text="用于比对是否与项目人员为同一人",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    title = forms.CharField(label="职称职务", max_length=60, required=False)
    fields_text = forms.CharField(
        label="专业领域",
        error_messages=REQUIRED,
        help_text="与方向名称一致的匹配最好；多个用分号隔开，例如 智能传感器；机器翻译系统",
    )
    employer_name = forms.CharField(label="现任职单位", max_length=100, error_messages=REQUIRED)
    employer_code = forms.CharField(
        label="单位统一社会信用代码", required=False, help_text="18 位；用于比对回避关系"
    )
    past_text = forms.CharField(
        label="曾任职单位",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="多个用分号隔开，名称后可附代码，例如 示例大学 9144030071526726XG",
    )
    region = forms.CharField(
        label="所在地区", required=False, help_text="6 位行政区划代码，例如 110000"
    )
    capacity = forms.CharField(
        label="评审量上限",
        initial="20",
        error_messages=REQUIRED,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-unit": "项"}),
    )
    available = forms.BooleanField(label="可参加评审", required=False, initial=True)

    CELLS = {
        "name": "姓名",
        "email": "邮箱",
        "phone": "手机号",
        "title": "职称职务",
        "fields_text": "专业领域",
        "employer_name": "现任职单位",
        "employer_code": "单位统一社会信用代码",
        "past_text": "曾任职单位",
        "region": "所在地区",
        "capacity": "评审量上限",
    }

    def __init__(self, *args: Any, expert: Expert | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry: Entry | None = None
        self.expert = expert
        if expert is None:
            del self.fields["available"]
        else:
            del self.fields["email"]
            self.fields["phone"].help_text = "留空则保留原号码；用于比对是否与项目人员为同一人"
            self.initial = {
                "name": expert.name,
                "title": expert.title,
                "fields_text": "；".join(expert.fields),
                "employer_name": expert.employer_name,
                "employer_code": expert.employer_code,
                "past_text": poolfile.words_of(expert.past_employers),
                "region": expert.region,
                "capacity": str(expert.capacity),
                "available": expert.available,
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        cells = {column: poolfile.text(data.get(name)) for name, column in self.CELLS.items()}
        if self.expert is not None:
            cells["邮箱"] = self.expert.email
        entry, errors = poolfile.entry(cells, 0)
        names = {column: name for name, column in self.CELLS.items()}
        for error in errors:
            name = names[error.column]
            if name in self.fields and name not in self.errors:
                self.add_error(name, error.message)
        self.entry = entry
        return data

    def values(self) -> dict[str, Any]:
        assert self.entry is not None
        found = self.entry.values()
        del found["email"]
        if self.expert is not None and not found["phone"]:
            del found["phone"]
        return {**found, "available": self.cleaned_data["available"]}


class ImportForm(forms.Form):
    sheet = forms.FileField(
        label="专家名单（xlsx）",
        error_messages={
            "required": "请选择文件",
            "empty": "文件是空的，请选择填写好的名单",
            "invalid": "请选择文件",
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_sheet(self) -> Any:
        sheet = self.cleaned_data["sheet"]
        if not str(sheet.name).lower().endswith(".xlsx"):
            raise forms.ValidationError("只接受 .xlsx 文件，请用本页模板填写后上传")
        if sheet.size > poolfile.MOST_BYTES:
            raise forms.ValidationError("文件超过 2 MB，请分批导入")
        return sheet


class PoolFilter(forms.Form):
    q = forms.CharField(label="姓名、单位或领域", required=False, max_length=50)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[
            ("", "全部"),
            ("ready", "可参加评审"),
            ("waiting", "未激活"),
            ("away", "暂不参加"),
        ],
    )


class Marks:
    """A posted score: figures, reasons, general opinion and the version it was made from."""

    def __init__(self, form: Sheet, posted: QueryDict) -> None:
        self.scores: dict[str, Any] = {}
        self.comments: dict[str, str] = {}
        for criterion in form.criteria:
            typed = posted.get(f"score-{criterion.key}", "").strip()
            if typed:
                figure = whole(typed, digits=4)
                self.scores[criterion.key] = typed if figure is None else figure
            self.comments[criterion.key] = _plain(posted.get(f"comment-{criterion.key}", ""))
        self.overall = _plain(posted.get("overall", ""))
        self.version = whole_or(posted.get("version", ""), -1)

    def as_arguments(self) -> dict[str, Any]:
        return {
            "scores": self.scores,
            "comments": self.comments,
            "overall": self.overall,
            "version": self.version,
        }


def _plain(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c == "\n" or c.isprintable()).strip()


def round_initial(call: Call | None, at: datetime) -> dict[str, Any]:
    """Sensible dates: from now until the call's own end of review, in the call's time."""
    if call is None:
        return {}
    now = timezone.localtime(call.time(at)).replace(second=0, microsecond=0)
    found: dict[str, Any] = {"call": call, "opens_at": now}
    if call.review_until and call.review_until > now:
        found["closes_at"] = timezone.localtime(call.review_until)
    return found


class FeedbackForm(forms.Form):
    """The comment for an applicant."""

    text = forms.CharField(
        label="评审意见",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 12, "data-max-chars": "2000"}),
        help_text="申报单位将看到这段文字。不得写明专家姓名、工作单位和其他项目的情况",
    )
