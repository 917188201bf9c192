"""What the office types in for a letter to many."""

from django import forms

from accounts.models import RECOMMENDER_KINDS
from applications.workflow import SEEN_BY_OTHERS
from calls.models import Call
from office.forms import FilterForm, choose
from office.models import Mailing


class MailingForm(forms.Form):
    audience = forms.ChoiceField(label="对象", choices=Mailing.Audience.choices)
    status = forms.ChoiceField(label="申报状态", required=False)
    direction = forms.ChoiceField(label="方向", required=False)
    region = forms.ChoiceField(label="地区", required=False)
    recommender = forms.ChoiceField(label="推荐单位", required=False)
    kind = forms.ChoiceField(label="推荐单位类别", required=False)
    subject = forms.CharField(label="标题", max_length=100)
    body = forms.CharField(
        label="正文",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="〔姓名〕〔单位〕〔项目〕按收件人替换。账号、密码、证件号和个人手机号不能写入。",
    )
    by_sms = forms.BooleanField(
        label="同时发短信（只发标题）", required=False, help_text="没有登记手机号的人只收邮件"
    )

    def __init__(self, *args, call: Call, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        same = FilterForm(call=call)
        for name in ("direction", "region", "recommender"):
            field = same.fields[name]
            assert isinstance(field, forms.ChoiceField)
            choose(self, name, field.choices)  # type: ignore[arg-type]
        choose(
            self,
            "status",
            [("", "不限"), *((str(status), str(status.label)) for status in SEEN_BY_OTHERS)],
        )
        choose(
            self,
            "kind",
            [("", "不限"), *((str(kind), str(kind.label)) for kind in RECOMMENDER_KINDS)],
        )

    def chosen(self) -> dict[str, str]:
        """The parts of the filter that are set."""
        keys = ("status", "direction", "region", "recommender", "kind")
        return {key: self.cleaned_data[key] for key in keys if self.cleaned_data.get(key)}
