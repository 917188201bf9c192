"""我的打包: what one asked for, how far it is, and the file."""

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import told
from documents import storage
from documents.models import Package
from documents.packages import access, registry, services


@require_safe
@policy.signed_in
def index(request: HttpRequest) -> HttpResponse:
    found = access.mine(request)
    return render(
        request,
        "documents/packages.html",
        {"packages": found, "running": any(one.is_open for one in found)},
    )


@require_safe
@policy.signed_in
def package(request: HttpRequest, public_id: str) -> HttpResponse:
    """How far it is; refreshes by itself, with a script or without."""
    found = access.get(request, public_id)
    return render(
        request,
        "documents/package.html",
        {
            "package": found,
            "origin": registry.builder(found.kind).origin(found),
            "words": progress_words(found),
            "notes": [line for line in found.note.splitlines() if line],
        },
    )


@require_safe
@policy.signed_in
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same for the page's script."""
    found = access.get(request, public_id)
    response = JsonResponse(
        {
            "state": found.state,
            "open": found.is_open,
            "done": found.done,
            "total": found.total,
            "words": progress_words(found),
        }
    )
    response["Cache-Control"] = "private, no-store"
    return response


def progress_words(found: Package) -> str:
    """Where it stands, in one sentence."""
    match found.state:
        case Package.State.WAITING:
            return found.note or "已排队，很快开始。"
        case Package.State.BUILDING if found.total:
            counted = registry.builder(found.kind).counted
            return f"正在生成：已完成 {found.done}，共 {found.total} {counted}。"
        case Package.State.BUILDING:
            return "正在生成，正在清点。"
        case Package.State.READY:
            return "已经完成，可以下载。"
        case Package.State.EXPIRED:
            return "保留期已过，文件已删除，可以重新打包。"
        case Package.State.CANCELLED:
            return "已取消。"
        case _:
            return found.error


@require_POST
@policy.signed_in
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.get(request, public_id)
    with told(request, success="打包已取消。"):
        services.cancel(found, actor=Actor.of(request), at=request.arrived_at)  # type: ignore[attr-defined]
    return redirect("documents:package", public_id)


@require_POST
@policy.signed_in
def retry(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.get(request, public_id)
    with told(request, success="已重新排队。"):
        services.retry(found, actor=Actor.of(request), at=request.arrived_at)  # type: ignore[attr-defined]
    return redirect("documents:package", public_id)


@require_safe
@policy.signed_in  # type: ignore[arg-type]
def download(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The file, streamed; its hash is checked first, and whether the person may still have it."""
    found = access.get(request, public_id)
    over = found.expires_at is not None and found.expires_at <= request.arrived_at  # type: ignore[attr-defined]
    if found.state == Package.State.EXPIRED or (found.is_ready and over):
        raise Refusal(
            "package-expired", "打包文件的保留期已过，请在“我的打包”中重新打包。", status=410
        )
    if not found.is_ready:
        raise Refusal("package-not-ready", "打包还没有完成，请完成后再下载。")
    storage.verify(found.path, sha256=found.sha256)
    response = FileResponse(
        default_storage.open(found.path),
        as_attachment=True,
        filename=found.name,
        content_type=registry.builder(found.kind).media_type,
    )
    response["Content-Length"] = str(found.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
