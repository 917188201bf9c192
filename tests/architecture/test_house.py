"""Rules of the house that are checked rather than remembered. Reads our own syntax trees."""

import ast
from collections import Counter, defaultdict

from django.apps import apps
from django.conf import settings

from applications import workflow
from calls import programme as programmes
from core import failpoints
from portal.checks import routes
from tests.architecture.reading import ROOMS, ROOT, calls, modules, name_of, writes

# The status ------------------------------------------------------------------------------------


def test_only_move_writes_the_status_of_an_application():
    found = {
        (path, line)
        for path, tree in modules().items()
        for line in writes(tree, "status")
        if path != "core/errors.py"  # the HTTP status of a refusal
    }
    assert {path for path, _ in found} == {"applications/services/moving.py"}
    step = next(
        node
        for node in ast.walk(modules()["applications/services/moving.py"])
        if isinstance(node, ast.FunctionDef) and node.name == "step"
    )
    assert all(step.lineno <= line <= (step.end_lineno or 0) for _, line in found)


def test_no_application_is_made_or_saved_with_another_status():
    """``create(status=…)`` would be a second way in."""
    for path, tree in modules().items():
        for call in calls(tree):
            if name_of(call) in ("create", "bulk_create", "Application", "get_or_create"):
                said = {word.arg for word in call.keywords}
                assert not ("status" in said and "Application" in ast.dump(call)), (
                    path,
                    call.lineno,
                )


def test_every_failpoint_stands_at_one_place_under_its_registered_name():
    found = Counter(
        call.args[0].value if isinstance(call.args[0], ast.Constant) else "not a name"
        for tree in modules().values()
        for call in calls(tree)
        if name_of(call) == "failpoint"
    )
    assert found == dict.fromkeys(failpoints.POINTS, 1)


# The only modules that write the ``state`` of a model, and whose.
STATE_WRITERS = {
    "audit/checking.py": {"Check"},
    "applications/services/corrections.py": {"Correction"},
    "calls/services.py": {"Call", "Extension"},
    "calls/changes.py": {"CallChange"},
    "documents/services.py": {"Document"},
    "documents/sealing.py": {"Signing"},
    "documents/packages/services.py": {"Package"},
    "notifications/services.py": {"Message"},
    "recommenders/services/levels.py": {"Preselection"},
    "recommenders/services/listing.py": {"RankedList"},
    "recommenders/services/lists.py": {"RankedList"},
    "recommenders/services/paperwork.py": {"PaperReceipt"},
    "recommenders/services/scans.py": {"RankedList", "SealedScan"},
    "recommenders/services/confirming.py": {"OverQuotaRequest"},
    "recommenders/services/overquota.py": {"OverQuotaRequest"},
    "reviews/services/rounds.py": {"Round"},
    "reviews/services/assigning.py": {"Assignment"},
    "reviews/services/barring.py": {"Assignment", "Conflict"},
    "reviews/services/intake.py": {"Intake"},
    "reviews/services/marking.py": {"Review"},
    "fulfilment/services/moving.py": {"Task"},
    "panels/services/planning.py": {"Meeting"},
    "panels/services/conducting.py": {"Item"},
    "visits/services/moving.py": {"Visit"},
    "visits/services/team.py": {"Seat"},
    "visits/services/filling.py": {"Finding"},
    "fulfilment/services/planning.py": {"Plan"},
    "fulfilment/services/reporting.py": {"Report"},
    "fulfilment/services/scheduling.py": {"Report"},
    "fulfilment/services/changing.py": {"Change"},
    "fulfilment/services/accepting.py": {"Acceptance"},
    "fulfilment/services/recognising.py": {"Recognition"},
    "fulfilment/services/deliberating.py": {"Deliberation"},
    "fulfilment/services/dispatching.py": {"Dispatch"},
    "office/answering.py": {"Question"},
    "office/mailing.py": {"Mailing"},
    "office/exporting.py": {"ExportRequest"},
    "office/retention.py": {"Purge"},
    "office/postponing.py": {"Postponement"},
    "office/rehearsal/keeping.py": {"Rehearsal"},
    "outcomes/services/applying.py": {"Decision"},
    "outcomes/services/awarding.py": {"Award"},
    "outcomes/services/exceeding.py": {"SlotRequest"},
    "outcomes/services/objecting.py": {"Objection", "Decision"},
    "outcomes/services/publishing.py": {"Publication"},
    "honours/services/certificates.py": {"Certificate", "CertificateChange"},
    "honours/services/archiving.py": {"ArchiveRequest"},
    "units/services/verifying.py": {"Verification"},
    "units/services/changing.py": {"Change"},
    "testing/services/agencies.py": {"Agency"},
    "testing/services/commissioning.py": {"Commission"},
    "testing/services/disputing.py": {"Dispute"},
    "testing/services/reporting.py": {"Result"},
    "testing/services/sealing.py": {"SealedReport"},
    "surveys/services/opening.py": {"Survey"},
    "surveys/services/answering.py": {"Request"},
    "surveys/services/checking.py": {"Request"},
}


def test_the_state_of_each_model_is_written_by_its_services_alone():
    found = {path for path, tree in modules().items() if any(writes(tree, "state"))}
    assert found - {"office/demo/season.py"} <= set(STATE_WRITERS)


def test_every_model_with_a_state_has_its_writer():
    having = {
        model.__name__
        for room in ROOMS
        if apps.is_installed(room)
        for model in apps.get_app_config(room).get_models()
        if "state" in {field.name for field in model._meta.fields}
    }
    assert having == set().union(*STATE_WRITERS.values()), "name its writer in STATE_WRITERS"


# Moves -----------------------------------------------------------------------------------------

# Where a name is not written out: the clock takes it from the query, the decision from its row.
MOVES_BY_ROW = {
    "applications/tasks.py": {"lapse", "stand", "stand_recommended"},
    "outcomes/services/applying.py": {"select", "decline"},
}
# The unit takes down what it recommended; the office takes down a list that was never confirmed.
# What a confirmed list leaves out ends once; a refused list ends by the same line of code.
TWICE = {"unrecommend"}
# These have locked the row already, and take the step of ``move`` themselves.
HOLD_THE_ROW = {
    "applications/services/submitting.py",
    "recommenders/services/confirming.py",
}


def named_moves() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path, tree in modules().items():
        for call in calls(tree):
            wanted = ("move", "step") if path in HOLD_THE_ROW else ("move",)
            if name_of(call) not in wanted or len(call.args) < 2:
                continue
            names = [
                one.value
                for one in ast.walk(call.args[1])
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            for name in names or sorted(MOVES_BY_ROW.get(path, {"?"})):
                found[name].append(f"{path}:{call.lineno}")
    return found


def test_each_move_is_called_from_one_place():
    found = named_moves()
    assert "?" not in found, found["?"]
    assert set(found) == set(workflow.WORDS)
    assert {name for name, places in found.items() if len(places) > 1} == TWICE
    assert len(found["unrecommend"]) == 2


# The clock -------------------------------------------------------------------------------------

CLOCKS = {"now", "today", "localdate", "localtime_now", "utcnow"}
READING = ("timezone", "datetime", "date", "dt")


def reads_the_clock(call: ast.Call) -> bool:
    func = call.func
    if isinstance(func, ast.Name):
        return func.id in {"localdate", "now"}
    if not (isinstance(func, ast.Attribute) and func.attr in CLOCKS):
        return False
    owner = func.value
    word = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return word in READING


# Django's own engine, which it stands for, ends sessions by the clock and is handed no request.
SESSIONS = "accounts/sessions.py"


def is_edge(path: str) -> bool:
    return (
        path in ("portal/middleware.py", SESSIONS)
        or path.endswith("/tasks.py")
        or "/management/commands/" in path
    )


def test_the_clock_is_read_at_the_edge_only():
    found = {
        path for path, tree in modules().items() for call in calls(tree) if reads_the_clock(call)
    }
    assert {path for path in found if not is_edge(path)} == set()
    assert "portal/middleware.py" in found


def test_a_task_takes_the_time_once():
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and is_edge(path):
                assert sum(map(reads_the_clock, calls(node))) <= 1, (path, node.name)


# Programmes ------------------------------------------------------------------------------------


def may_name_a_programme(path: str) -> bool:
    return path.startswith("office/demo/")


def test_no_programme_is_named_in_python():
    codes = set(programmes.catalogue()) | {
        path.stem for path in (ROOT / "calls" / "catalogue").rglob("*.toml") if "-" in path.stem
    }
    assert "2021-jiebang" in codes
    for path, tree in modules().items():
        if may_name_a_programme(path):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said = [code for code in codes if code in node.value]
                assert not said, (path, node.lineno, said)


def test_every_form_takes_its_days_from_one_place():
    """A day of the year 9999 or 1 ends a request that counts on from it."""
    for path, tree in modules().items():
        if path != "core/dayfields.py":
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    used = node.value.id, node.attr
                    assert used not in DJANGOS_DAYS, (path, node.lineno)


DJANGOS_DAYS = {("forms", "DateField"), ("forms", "DateTimeField")}


# Views -----------------------------------------------------------------------------------------


def says_its_methods(view) -> bool:
    """Whether one of the view's decorators is Django's ``require_http_methods`` or kin."""
    while view is not None:
        if view.__code__.co_filename.endswith("django/views/decorators/http.py"):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def test_every_view_has_a_policy():
    assert [name for _, name, view in routes() if not hasattr(view, "policy")] == []


def test_every_view_says_which_methods_it_takes():
    """So that a GET can never reach what changes something (the matrix plays it)."""
    assert [name for _, name, view in routes() if not says_its_methods(view)] == []


def test_every_route_has_a_name_of_its_own():
    names = [name for _, name, _ in routes()]
    assert all(names)
    assert len(names) == len(set(names))


def modules_of(view):
    """The module of a view and of everything its decorators wrap."""
    while view is not None:
        yield view.__module__
        view = getattr(view, "__wrapped__", None)


def test_the_admin_of_django_is_not_mounted():
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    found = list(routes())
    assert found
    assert not [
        pattern
        for pattern, name, view in found
        if (name or "").startswith("admin:")
        or any(module.startswith("django.contrib.admin") for module in modules_of(view))
    ]


# Services --------------------------------------------------------------------------------------


def test_services_take_no_http_request():
    """Views hand over facts: who, when, what. A service that takes a request is a view."""
    for path, tree in modules().items():
        if "/services" in path:
            taken = {
                one.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                and (node.module or "").startswith("django.http")
                for one in node.names
            }
            assert not taken, (path, taken)


def test_no_test_is_skipped_or_expected_to_fail():
    words = (
        "pytest.mark.skip",
        "pytest.mark.xfail",
        "pytest.skip(",
        "unittest.skip",
        "importorskip",
    )
    for path in (ROOT / "tests").rglob("*.py"):
        if path != ROOT / "tests" / "architecture" / "test_house.py":
            text = path.read_text("utf-8")
            assert not [word for word in words if word in text], path


def test_journeys_sign_in_through_the_forms():
    for path in (ROOT / "tests" / "journeys").rglob("*.py"):
        assert "force_login" not in path.read_text("utf-8"), path
