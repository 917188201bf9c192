"""Levels below, the recommendation, the list under its hash, the sealed sheet, 报送."""

from __future__ import annotations

import re

from tests.journeys.cast import Cast, Filing, upload
from tests.journeys.player import draw


class Recommending(Cast):
    def recommend(self) -> None:
        """After filing has closed: the levels below forward, the operator recommends."""
        self.clock("filing_until", days=1)
        self.late_posts_are_refused()
        if self.below:
            for filing in self.filings:
                self.district.open(f"/recommend/filings/{filing.public_id}/")
                self.district.press("上报", {"rank": str(filing.number)}, to="/forward/")
        operator = self.operator
        for filing in self._recommended():
            operator.open(f"/recommend/filings/{filing.public_id}/")
            if operator.page.has_button("登记核查情况"):
                operator.press(
                    "登记核查情况",
                    {
                        "day": self.days["filing_until"].isoformat(),
                        "people": "示例核查组",
                        "finding": "现场与申报内容一致。",
                        "passed": "1",
                    },
                )
                operator.open(f"/recommend/filings/{filing.public_id}/")
            self.act("recommend", lambda f=filing: self._recommend(f))

    def _recommend(self, filing: Filing):
        self.operator.open(f"/recommend/filings/{filing.public_id}/")
        return self.operator.press("推荐", to=f"{filing.public_id}/recommend/").says("已推荐")

    def _recommended(self) -> list[Filing]:
        """All but the last, where there is more than one."""
        return self.filings[:-1] or self.filings

    def late_posts_are_refused(self) -> None:
        """Filing is over: the page is read-only, and says so."""
        page = self.first.admin.open(f"{self.first.url}check/")
        assert not page.has_button("提交申报书"), "a filing can be submitted after its deadline"

    def confirm_list(self) -> None:
        """Another person confirms the list under the hash that was shown."""

        def press():
            self.approver.open(f"/recommend/calls/{self.code}/confirm/")
            return self.approver.press("确认推荐", to="/submit/").says("名单已确认并锁定")

        self.act("submit_list", press)

    def seal_and_deliver(self) -> None:
        """The worker draws the sheet; its print comes back as the sealed scan; 报送."""
        draw()
        paper = self.operator.download(f"/recommend/calls/{self.code}/sheet.pdf")
        assert paper.startswith(b"%PDF")
        self.operator.open(f"/recommend/calls/{self.code}/scan/")
        if self.operator.page.has_button("上传并逐页比对"):
            self.operator.press("上传并逐页比对", {"pages": upload("盖章件.pdf", paper)})
            self.operator.page.says("相符")
        self.operator.open(f"/recommend/calls/{self.code}/scan/")
        self.operator.press("报送名单").says("名单已报送")
        self.verify_paper()

    def verify_paper(self) -> None:
        """Anybody may verify the sheet, and the applicant its form, by the code on paper."""
        person = self.first.admin
        code = re.search(r"核验码 ?([0-9A-Z-]{10,14})", person.open(self.first.receipts[-1]).text)
        assert code, person.page.text
        self.visitor.open("/v/")
        self.visitor.press("核验", {"code": code.group(1)}).says("这份文件有效")
