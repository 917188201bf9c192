"""The kinds of documents the portal makes, and the template that draws each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document.

    ``coded`` says that each page carries a QR code in its head margin; the others carry one code
    beside the closing lines.
    """

    code: str
    label: str
    template: str
    page: str
    coded: bool = False


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "summary_sheet", "信息报送汇总表", "documents/summary_sheet.html", "sheet", coded=True
        ),
        Kind(
            "application_form", "项目申报书", "documents/application_form.html", "form", coded=True
        ),
        Kind("receipt", "网上申报回执", "documents/receipt.html", "plain"),
        Kind("cover_letter", "报送函", "documents/cover_letter.html", "letter"),
        Kind("result_letter", "推荐结果通知书", "documents/cover_letter.html", "letter"),
        Kind("notice", "公告", "documents/notice.html", "letter"),
        Kind("certificate", "证书", "documents/certificate.html", "cert"),
        Kind("task_report", "任务报告", "documents/notice.html", "letter"),
        Kind("task_book", "任务书", "documents/notice.html", "letter"),
        Kind("task_letter", "通知书", "documents/cover_letter.html", "letter"),
        Kind("score_sheet", "专家评分汇总表", "documents/score_sheet.html", "sheet", coded=True),
        Kind("test_report", "测评报告", "documents/test_report.html", "sheet", coded=True),
        Kind("panel_minutes", "会议纪要", "documents/panel_minutes.html", "form", coded=True),
        Kind(
            "panel_signatures",
            "签到与签字表",
            "documents/panel_signatures.html",
            "form",
            coded=True,
        ),
        Kind("visit_report", "现场评估报告", "documents/visit_report.html", "form", coded=True),
    )
}
