"""Routes of what goes out and comes back on paper; in the name space of ``recommenders``."""

from django.urls import path

from recommenders.views import outgoing, paper, reporting, results

urlpatterns = [
    path("calls/<slug:code>/paper/", paper.index, name="paper"),
    path("calls/<slug:code>/paper/scan/", paper.scan, name="paper_scan"),
    path("calls/<slug:code>/paper/remind/", paper.remind, name="paper_remind"),
    path("calls/<slug:code>/paper.xlsx", paper.export, name="paper_export"),
    path("calls/<slug:code>/paper/<int:pk>/", paper.sender, name="paper_sender"),
    path("calls/<slug:code>/paper/<int:pk>/receive/", paper.receive, name="paper_receive"),
    path("calls/<slug:code>/paper/<int:pk>/rest/", paper.receive_rest, name="paper_rest"),
    path("calls/<slug:code>/results/", results.index, name="results"),
    path("calls/<slug:code>/results/send/", results.send_all, name="send_results"),
    path("calls/<slug:code>/results/<slug:public_id>/", results.letter, name="result"),
    path("calls/<slug:code>/results/<slug:public_id>/set/", results.set_text, name="set_result"),
    path("calls/<slug:code>/results/<slug:public_id>/send/", results.send_one, name="send_result"),
    path(
        "calls/<slug:code>/results/<slug:public_id>/draft.pdf", results.draft, name="result_draft"
    ),
    path("filings/<slug:public_id>/result.pdf", results.result_pdf, name="result_pdf"),
    path("paper/<slug:public_id>/correct/", paper.correct, name="paper_correct"),
    path("calls/<slug:code>/letter/", outgoing.letter, name="letter"),
    path("calls/<slug:code>/letter/set/", outgoing.set_letter, name="set_letter"),
    path("calls/<slug:code>/letter/draft.pdf", outgoing.letter_draft, name="letter_draft"),
    path("calls/<slug:code>/letter/sealed.pdf", outgoing.letter_sealed, name="letter_sealed"),
    path("calls/<slug:code>/labels/", outgoing.label_page, name="labels"),
    path("calls/<slug:code>/labels.pdf", outgoing.label_sheets, name="label_sheets"),
    path("calls/<slug:code>/report/", reporting.page, name="report"),
    path("calls/<slug:code>/report/issue/", reporting.issue, name="issue_report"),
    path("calls/<slug:code>/report/draft.pdf", reporting.draft, name="report_draft"),
    path("calls/<slug:code>/report/letter.pdf", reporting.letter, name="report_letter"),
    path("calls/<slug:code>/report/sheet.pdf", reporting.sheet, name="report_sheet"),
    path("calls/<slug:code>/report/labels.pdf", reporting.label_sheets, name="report_labels"),
]
