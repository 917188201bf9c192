"""What the office's desk keeps in the matrix's worlds."""

from accounts import savedviews
from tests.world import AT


def arguments(made) -> dict[str, object]:
    """The office's own saved view."""
    cast, mark = made.season.cast, made.canaries.mark
    view = savedviews.save(
        cast.people["office"],
        page="office:outbox",
        name=mark("view.office", "未发出"),
        query="state=waiting",
        actor=cast.actor("office"),
        at=AT,
    )
    return {"saved_view": view.pk, "cockpit_table": "units", "job_kind": "document", "job": 0}
