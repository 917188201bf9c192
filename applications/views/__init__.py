"""The pages of filing: one module per part of the way."""

from applications.views.copying import copied, copy
from applications.views.corrections import accept_correction, corrections
from applications.views.files import (
    attach,
    attachment,
    detach,
    files,
    page_image,
    preview,
    reattach,
    rename_file,
    reuse,
    shift_file,
    undo_replacing,
)
from applications.views.filings import basics, choose_call, create, index, withdraw
from applications.views.papers import (
    documents,
    draft_booklet,
    draft_pdf,
    form_pdf,
    receipt_pdf,
    version_booklet,
)
from applications.views.partners import partner
from applications.views.sections import autosave, section
from applications.views.similar import pair as similar_pair
from applications.views.similar import similar
from applications.views.submission import check, receipt, submit
from applications.views.tasklist import detail
from applications.views.uploading import upload, upload_begin, upload_cancel, upload_finish
from applications.views.versions import compare, give_back, version, versions

__all__ = [
    "accept_correction",
    "attach",
    "attachment",
    "autosave",
    "basics",
    "check",
    "choose_call",
    "compare",
    "copied",
    "copy",
    "corrections",
    "create",
    "detach",
    "detail",
    "documents",
    "draft_booklet",
    "draft_pdf",
    "files",
    "form_pdf",
    "give_back",
    "index",
    "page_image",
    "partner",
    "preview",
    "reattach",
    "receipt",
    "receipt_pdf",
    "rename_file",
    "reuse",
    "section",
    "shift_file",
    "similar",
    "similar_pair",
    "submit",
    "undo_replacing",
    "upload",
    "upload_begin",
    "upload_cancel",
    "upload_finish",
    "version",
    "version_booklet",
    "versions",
    "withdraw",
]
