"""A unit registers, fills every part of the form, uploads, checks, submits, submits again."""

from __future__ import annotations

import re

from applications.content import synthetic
from tests.applications.filling import pdf
from tests.journeys.cast import Cast, Filing, upload
from tests.journeys.pages import NotOnPage
from tests.journeys.player import PASSWORD, Person, mailed_link

CLOCK = re.compile(r"服务器时间 \d{4}年\S+ \d\d:\d\d:\d\d")


class FilingPart(Cast):
    CLOCK = CLOCK

    def register(self, filing: Filing) -> None:
        """A visitor registers a unit, opens the letter, signs in."""
        person = filing.admin
        person.open("/")
        person.open("/account/register/")
        person.press(
            "注册单位",
            {
                "unit_name": filing.unit,
                "code": synthetic.code(filing.number),
                "kind": filing.kind,
                "region": filing.region,
                "name": person.name,
                "email": person.email,
                "phone": f"000-0000000{filing.number}",
                "password": PASSWORD,
                "password_again": PASSWORD,
                "consent": "on",
            },
        )
        person.open(mailed_link(person.email, "验证"))
        person.press("确认邮箱").says("已验证")
        person.sign_in()

    def file(self, filing: Filing) -> None:
        """Start, fill every part, upload what is asked."""
        self.start(filing)
        self.complete(filing)

    def complete(self, filing: Filing) -> None:
        self._fill_the_rest(filing)
        self.upload(filing)

    def start(self, filing: Filing) -> None:
        """A draft with its title, direction and recommender."""
        person = filing.admin
        person.open(f"/applications/new/{self.code}/")
        form, _ = person.page.button(self._start_button(person))
        typed: dict[str, object] = {"title": filing.title[: self.programme.title_max_chars or 60]}
        if "subfield" in form.names():
            offered = [value for value, _ in form.named("subfield")[0].options if value]
            typed["subfield"] = offered[(filing.number - 1) % len(offered)]
        by_region = self.kind in ("province", "separate_city", "city", "district")
        if "way" in form.names():
            typed["way"] = "region" if by_region else "through"
        if "recommender" in form.names() and by_region:
            offered = {text: value for value, text in form.named("recommender")[0].options}
            typed["recommender"] = next(
                value for text, value in offered.items() if self.recommender in text
            )
        if "through" in form.names() and not by_region:
            typed["through"] = self.recommender
        person.press(self._start_button(person), typed)
        filing.url = person.page.url

    def _fill_the_rest(self, filing: Filing) -> None:
        while left := self._parts(filing) - filing.filled:
            self.fill(filing, next(one.key for one in self.programme.sections if one.key in left))

    def _parts(self, filing: Filing) -> set[str]:
        """The sections on the task list; answers may bring or take some."""
        page = filing.admin.open(filing.url)
        return {
            to.split("/sections/")[1].split("/")[0] for _, to in page.links if "/sections/" in to
        }

    def _start_button(self, person: Person) -> str:
        found = [
            button.text
            for form, button in person.page.buttons()
            if "title" in form.names() and not button.disabled
        ]
        if not found:
            raise NotOnPage(f"no way to start a filing: {person.page.text[:800]}")
        return found[0]

    def fill(self, filing: Filing, key: str, *, seed: int | None = None) -> None:
        """Type into every input of a section; rows are added by their button."""
        section = self.programme.section(key)
        assert section is not None
        person = filing.admin
        person.open(f"{filing.url}sections/{key}/")
        form, _ = person.page.button("标记本部分完成")
        specs = self._indicators(form)
        answers = synthetic.inputs(section, seed=seed or filing.number, indicators=specs)
        if seed is None:  # what the registration already says is left as it stands
            answers = {name: one for name, one in answers.items() if not form.prefilled(name)}
        for _ in range(12):
            missing = sorted(set(answers) - form.names())
            if not missing:
                break
            table = missing[0].split("-")[0]
            person.press_named("action", f"add-{table}", answers)
            form, _ = person.page.button("标记本部分完成")
        person.press("标记本部分完成", answers).says("已完成")
        filing.filled.add(key)

    def _indicators(self, form) -> list:
        """The reference indicators the page asks for."""
        asked = {name.split("-")[1] for name in form.names() if name.startswith("ref-")}
        return [
            spec
            for direction in self.programme.directions
            for spec in direction.indicators
            if spec.key in asked
        ]

    def upload(self, filing: Filing) -> None:
        """Every file that is said to be missing."""
        person = filing.admin
        if not self.programme.attachments:
            return
        page = person.open(f"{filing.url}files/?check=1")
        wanted = {href.partition("#id_file-")[2] for _, href in page.links if "#id_file-" in href}
        for key in sorted(wanted):
            paper = pdf(1, mark=f"{filing.number}-{key}")
            person.open(f"{filing.url}files/")
            person.press("上传", {"file": upload(f"示例材料{key}.pdf", paper)}, to=f"/add/{key}/")

    def submit(self, filing: Filing) -> None:
        """Check, promise, submit; the receipt says number, time, version and fingerprint."""
        person = filing.admin
        page = person.open(f"{filing.url}check/")
        assert not page.has_button("提交申报书") or "阻止提交" not in page.text, page.text[:1500]
        agree = {"agree": "1"} if self.programme.declaration else {}

        def press():
            person.open(f"{filing.url}check/")
            return person.press("提交申报书", agree)

        self.act("submit", press)
        page = person.page
        number = len(filing.receipts) + 1
        page.says("已提交", f"第{number}版", "服务器时间", "指纹SHA-256", filing.unit)
        assert re.search(rf"{re.escape(self.prefix)}-\d{{6}}", page.text), page.text
        assert re.search(r"(?:[0-9a-f]{4} ?){16}", page.text), page.text
        filing.receipts.append(page.url)
        again = person.open(page.url)  # reloading submits nothing
        assert CLOCK.sub("", again.text) == CLOCK.sub("", page.text)

    def close_filing(self) -> None:
        """The deadline passes; who has the page open still, and presses, is refused and told."""
        person = self.first.admin
        person.open(f"{self.first.url}check/")
        form, button = person.page.button("提交申报书")
        if self.programme.declaration:
            form.fill("agree", "1")
        self.clock("filing_until", days=1)
        before = person.open(f"{self.first.url}versions/").text.count("版")
        person._send(form, button, 409).says("截止")
        page = person.open(f"{self.first.url}check/")
        assert not page.has_button("提交申报书")
        assert person.open(f"{self.first.url}versions/").text.count("版") == before

    def resubmit(self, filing: Filing) -> None:
        """Change one part before the deadline and submit again; the number stays."""
        number = self._number(filing)
        section = self.programme.sections[0]
        self.fill(filing, section.key, seed=77)
        self._fill_the_rest(filing)
        self.upload(filing)
        self.submit(filing)
        assert self._number(filing) == number

    def _number(self, filing: Filing) -> str:
        prefix = re.escape(self.prefix)
        text = filing.admin.open(filing.receipts[-1]).text
        found = re.search(rf"{prefix}-\d{{6}}", text)
        assert found, text
        return found.group()
