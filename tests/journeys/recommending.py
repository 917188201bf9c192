"""Levels below, the recommendation, the list under its hash, the sealed sheet, 报送."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader

from tests.journeys.cast import Cast, Filing, upload
from tests.journeys.player import draw

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}")


class Recommending(Cast):
    def recommend(self) -> None:
        """After filing has closed: the levels below forward, the operator recommends."""
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
        words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
        for filing in self.filings:
            assert (filing.unit in "".join(words.split())) == (filing in self._recommended())
        code = CODE.search(words)
        assert code, words
        self.operator.open(f"/recommend/calls/{self.code}/scan/")
        if self.operator.page.has_button("上传并逐页比对"):
            self.operator.press("上传并逐页比对", {"pages": upload("盖章件.pdf", paper)})
            self.operator.page.says("相符")
        self.operator.open(f"/recommend/calls/{self.code}/scan/")
        self.operator.press("报送名单").says("名单已报送")
        self.verify_paper()
        self.visitor.open(f"/v/{code.group()}").says("这份文件有效", self.recommender)

    def verify_paper(self) -> None:
        """Anybody may verify the sheet, and the applicant its form, by the code on paper."""
        person = self.first.admin
        code = re.search(r"核验码 ?([0-9A-Z-]{10,14})", person.open(self.first.receipts[-1]).text)
        assert code, person.page.text
        self.visitor.open("/v/")
        self.visitor.press("核验", {"code": code.group(1)}).says("这份文件有效")
