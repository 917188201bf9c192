"""The pages of a unit's papers and of its changes, over HTTP."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Link, Organisation
from applications.models import Application
from notifications.models import Message
from tests import world
from tests.applications.filling import pdf
from tests.recommenders import scene
from tests.world import AT
from units import services
from units.models import Change, Proof, Verification

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return world.build()


def as_(cast, name):
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(answer):
    return answer.content.decode()


def send(cast, data=None):
    return services.add_proof(
        cast.company, name="执照.pdf", data=data or pdf(1), actor=cast.actor("admin"), at=AT
    )


def upload(client, data, name="营业执照.pdf"):
    return client.post(reverse("units:own"), {"file": SimpleUploadedFile(name, data)})


def test_a_unit_uploads_its_licence_and_sees_where_it_stands(cast):
    client = as_(cast, "editor")
    assert "未上传" in page(client.get(reverse("units:own")))
    answer = upload(client, pdf(1))
    assert answer.status_code == 302
    assert "待核验" in page(client.get(reverse("units:own")))
    assert Proof.objects.get().uploaded_by == cast.people["editor"]


def test_a_wrong_file_is_told_at_the_field(cast):
    answer = upload(as_(cast, "admin"), b"MZ", name="a.exe")
    assert answer.status_code == 422
    assert "类型不能上传" in page(answer)
    answer = as_(cast, "admin").post(reverse("units:own"), {})
    assert answer.status_code == 422
    assert "请选择要上传的文件" in page(answer)


def test_who_may_only_look_cannot_upload(cast):
    assert upload(as_(cast, "viewer"), pdf(1)).status_code == 403
    assert not Proof.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 200),
        ("viewer", 200),
        ("operator", 200),
        ("city", 200),
        ("office", 200),
        ("auditor", 200),
        ("rival", 404),
        ("neighbour", 404),
    ],
)
def test_a_scan_is_seen_by_the_unit_its_recommender_and_the_office_alone(cast, who, status):
    proof = send(cast)
    client = as_(cast, who)
    assert client.get(reverse("units:proof_file", args=[proof.public_id])).status_code == status
    picture = client.get(reverse("units:proof_page", args=[proof.public_id, 1]))
    assert picture.status_code == status
    if status == 200:
        assert picture["Content-Type"].startswith("image/")
        assert client.get(reverse("units:proof_page", args=[proof.public_id, 2])).status_code == 404


def test_a_province_does_not_see_the_units_of_a_separately_planned_city(cast):
    K = Organisation.Kind
    province = world.unit(K.PROVINCE, "示例东省工业和信息化厅", region="370000", key="370000")
    city = world.unit(K.SEPARATE_CITY, "示例青市工业和信息化局", region="370200", key="370200")
    of_city = world.unit(K.ENTERPRISE, "示例海有限公司", region="370203", n=31)
    of_province = world.unit(K.ENTERPRISE, "示例泉有限公司", region="370102", n=32)
    seen = {}
    for unit in (province, city):
        user = world.person(unit, "rec_operator", f"经办{unit.pk}")
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        seen[unit] = page(client.get(reverse("units:index")))
    assert of_city.name in seen[city] and of_city.name not in seen[province]
    assert of_province.name in seen[province] and of_province.name not in seen[city]


CHOSEN = ("central_group", "ministry_body", "industry_body", "corps")


@pytest.mark.parametrize("kind", CHOSEN)
def test_who_is_chosen_to_recommend_sees_the_papers_of_who_files_through_it(cast, kind):
    chosen = world.unit(kind, "示例推荐组织", region="110000")
    user = world.person(chosen, "rec_operator", "组织经办")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    proof = send(cast)
    addresses = (
        reverse("units:unit", args=[cast.company.pk]),
        reverse("units:proof_file", args=[proof.public_id]),
        reverse("units:proof_page", args=[proof.public_id, 1]),
    )

    def seen():
        listed = client.get(reverse("units:index")).context["page"]
        answers = {client.get(one).status_code for one in addresses}
        assert len(answers) == 1
        return [unit.name for unit in listed], answers.pop()

    assert seen() == ([], 404)
    # A draft is its own unit's only; what was submitted is the recommender's too.
    Application.objects.filter(pk=cast.application.pk).update(recommender=chosen)
    assert seen() == ([], 404)
    cast.application.refresh_from_db()
    scene.submitted(cast.application, cast.people["admin"], 1)
    assert seen() == ([cast.company.name], 200)
    for act in ("verify", "send_back"):
        url = reverse(f"units:{act}", args=[cast.company.pk])
        assert client.post(url, {"proof": proof.pk, "reason": "名称不符"}).status_code == 403
    filing = reverse("recommenders:application", args=[cast.application.public_id])
    assert addresses[0] in page(client.get(filing))
    Application.objects.filter(pk=cast.application.pk).update(recommender=cast.province)
    assert seen() == ([], 404)


def test_the_office_looks_and_verifies(cast):
    proof = send(cast)
    client = as_(cast, "office")
    listed = client.get(reverse("units:index"), {"state": "waiting"})
    assert cast.company.name in page(listed) and cast.rival.name not in page(listed)
    told = page(client.get(reverse("units:unit", args=[cast.company.pk])))
    assert reverse("units:proof_page", args=[proof.public_id, 1]) in told
    answer = client.post(reverse("units:verify", args=[cast.company.pk]), {"proof": proof.pk})
    assert answer.status_code == 302
    assert Verification.objects.get().state == "verified"


def test_a_return_without_a_reason_comes_back_to_the_page(cast):
    proof = send(cast)
    client = as_(cast, "chief")
    url = reverse("units:send_back", args=[cast.company.pk])
    answer = client.post(url, {"proof": proof.pk, "reason": ""})
    assert answer.status_code == 422 and "请填写" in page(answer)
    answer = client.post(url, {"proof": proof.pk, "reason": "不"})
    assert answer.status_code == 422 and "不少于 4 字" in page(answer)
    assert Verification.objects.get().state == "waiting"
    assert client.post(url, {"proof": proof.pk, "reason": "代码看不清楚"}).status_code == 302
    own = page(as_(cast, "admin").get(reverse("units:own")))
    assert "退回" in own and "代码看不清楚" in own


def test_a_recommender_reads_but_does_not_decide(cast):
    proof = send(cast)
    client = as_(cast, "operator")
    told = page(client.get(reverse("units:unit", args=[cast.company.pk])))
    assert "核验通过" not in told and "提出更名" not in told
    url = reverse("units:verify", args=[cast.company.pk])
    assert client.post(url, {"proof": proof.pk}).status_code == 403


@pytest.mark.parametrize("typed", ["x" * 30, "-1", "", "9" * 40, "1; drop"])
def test_a_strange_key_of_a_paper_is_refused_and_changes_nothing(cast, typed):
    send(cast)
    client = as_(cast, "office")
    answer = client.post(reverse("units:verify", args=[cast.company.pk]), {"proof": typed})
    assert answer.status_code == 409
    assert Verification.objects.get().state == "waiting"


def test_a_rename_from_proposal_to_the_unit_page(cast):
    url = reverse("units:rename", args=[cast.company.pk])
    operator, approver = as_(cast, "office"), as_(cast, "chief")
    body = {"name": "示例新名 科技有限公司", "day": "2021-06-30", "reason": "变更登记〔2021〕1号"}
    assert operator.post(url, {**body, "day": "昨天"}).status_code == 422
    assert operator.post(url, {**body, "code": "123"}).status_code == 422
    assert operator.post(url, body).status_code == 302
    assert operator.post(url, body).status_code == 422  # one waits already
    change = Change.objects.get()
    assert "待确认" in page(operator.get(reverse("units:changes")))
    decide = reverse("units:decide", args=[change.pk])
    assert operator.post(decide, {"confirm": "yes"}).status_code == 403
    assert approver.post(decide, {"confirm": "yes"}).status_code == 302
    cast.company.refresh_from_db()
    assert cast.company.name == "示例新名科技有限公司"
    own = page(as_(cast, "admin").get(reverse("accounts:organisation")))
    assert "示例新名科技有限公司" in own and "示例科技（甲）有限公司" in own
    found = page(operator.get(reverse("units:index"), {"q": "示例科技（甲）"}))
    assert "示例新名科技有限公司" in found  # found by the name it bore


def test_a_merger_names_the_other_unit_by_code_or_full_name(cast):
    url = reverse("units:merge", args=[cast.rival.pk])
    client = as_(cast, "office")
    body = {"into": "没有这样的公司", "reason": "合并公告〔2021〕2号"}
    answer = client.post(url, body)
    assert answer.status_code == 422 and "没有这个单位" in page(answer)
    assert client.post(url, {**body, "into": cast.rival.code}).status_code == 422
    assert client.post(url, {**body, "into": cast.company.code.lower()}).status_code == 302
    change = Change.objects.get()
    assert change.into == cast.company
    decide = reverse("units:decide", args=[change.pk])
    assert as_(cast, "chief").post(decide, {"confirm": "yes"}).status_code == 302
    told = page(client.get(reverse("units:unit", args=[cast.rival.pk])))
    assert "已并入" in told and cast.company.name in told
    answer = as_(cast, "rival").get(reverse("applications:create", args=[cast.call.code]))
    assert answer.status_code == 200


def test_a_recommending_unit_can_be_renamed_too(cast):
    url = reverse("units:rename", args=[cast.province.pk])
    assert as_(cast, "office").get(url).status_code == 200
    assert as_(cast, "office").get(reverse("units:rename", args=[10**6])).status_code == 404


def test_the_office_invites_a_new_administrator_and_the_unit_is_told(cast):
    url = reverse("units:administrator", args=[cast.company.pk])
    client = as_(cast, "office")
    body = {"name": "新管示例", "email": "new@example.org", "reason": "单位盖章申请〔2021〕3号"}
    assert client.post(url, {**body, "reason": "无"}).status_code == 422
    assert client.post(url, {**body, "email": cast.people["admin"].email}).status_code == 422
    assert not Link.objects.exists()
    assert client.post(url, body).status_code == 302
    link = Link.objects.get()
    assert (link.role, link.organisation, link.may_submit) == ("unit_admin", cast.company, True)
    told = Message.objects.filter(kind="new_administrator").values_list("user__name", flat=True)
    assert set(told) == {"王示例", "李示例", "陈示例"}
    assert as_(cast, "operator").get(url).status_code == 403


def test_what_waits_stands_first_in_the_list(cast):
    for n, name in enumerate(("示例安有限公司", "示例昂有限公司"), start=41):
        world.unit(Organisation.Kind.ENTERPRISE, name, region="430100", n=n)
    send(cast)
    client = as_(cast, "office")
    listed = [unit.name for unit in client.get(reverse("units:index")).context["page"]]
    assert listed[0] == cast.company.name
    assert len(listed) == 4


def test_the_office_corrects_where_a_unit_is_registered(cast):
    url = reverse("units:region", args=[cast.company.pk])
    client = as_(cast, "office")
    assert "湖南省长沙市" in page(client.get(url))
    good = {"region": "广东省深圳市南山区", "reason": "证照住所在深圳市南山区"}
    for body in (
        {**good, "region": "火星"},
        {**good, "reason": "无"},
        {**good, "region": "430100"},
    ):
        assert client.post(url, body).status_code == 422, body
    assert client.post(url, good).status_code == 302
    cast.company.refresh_from_db()
    assert cast.company.region == "440305"
    letter = Message.objects.get(user=cast.people["admin"], kind="relocated")
    assert "广东省深圳市南山区" in letter.body
    cast.application.refresh_from_db()
    assert cast.application.recommender == cast.province
    assert as_(cast, "operator").get(url).status_code == 403
