"""Plays the rows of the matrix: requests, status codes, tokens that must not appear."""

import fnmatch
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from portal.checks import routes
from tests.architecture import leaving, world_calls, world_testing, world_visits, world_years
from tests.architecture.canaries import World
from tests.architecture.matrix_file import everybody, matrix, people

PASSED = {200, 302, 303, 409, 410, 422, 429}
ANSWERS = {"ok": PASSED, "hidden": {404}, "forbidden": {403}}
KINDS = set(ANSWERS)


def routes_of(world: str) -> list[str]:
    """The routes whose rows are played in this world."""
    found = matrix()["routes"].items()
    return sorted(route for route, row in found if row.get("world", "review") == world)


def expected(route: str, method: str) -> dict[str, tuple[str, set[int]]]:
    """For each person the word of the matrix and the status codes it stands for."""
    row = matrix()["routes"][route]
    other = {"get": "post", "post": "get"}[method]
    wrong = method not in row
    cell: dict[str, str] = row[other] if wrong else row[method]
    assert set(cell) <= KINDS, (route, cell)
    found = {}
    named: set[str] = set()
    for kind, words in cell.items():
        persons = people(words)
        assert persons <= everybody(), (route, persons - everybody())
        assert not persons & named, (route, method, "named twice", persons & named)
        named |= persons
        for person in persons:
            # A method that is not taken may be refused before or behind the door.
            codes = {405} if wrong and kind == "ok" else ANSWERS[kind]
            found[person] = (kind, codes | {405} if wrong else codes)
    for person in everybody() - named:
        codes = {302} if person == "anonymous" else {403}
        word = "login" if person == "anonymous" else "forbidden"
        found[person] = (word, codes | {405} if wrong else codes)
    return found


# Addresses -------------------------------------------------------------------------------------

# What an argument of a route stands for; "route argument" first, then the bare argument.
ARGUMENTS = {
    "public_id": "own",
    "code": "call",
    "number": "version",
    "key": "section",
    "applications:grid_template key": "table_section",
    "applications:grid_import key": "table_section",
    "applications:grid_apply key": "table_section",
    "applications:grid_errors key": "table_section",
    "field": "table",
    "token": "token",
    "mark": "token",
    "page": "page",
    "position": "page",
    "kind": "kind",
    "file_id": "file",
    "file": "file",
    "task": "task",
    "policy_key": "policy",
    "article": "article",
    "run": "import_run",
    "documents:verify_code code": "paper_code",
    "documents:verify_page code": "paper_code",
    "documents:compare code": "paper_code",
    "applications:attach key": "attachment_kind",
    "applications:upload_begin key": "attachment_kind",
    "applications:reuse key": "attachment_kind",
    "upload_id": "upload",
    "applications:version_booklet number": "last_version",
    "accounts:end_membership pk": "membership",
    "accounts:may_submit pk": "editor",
    "accounts:revoke pk": "invitation",
    "accounts:resend_invitation pk": "invitation",
    "accounts:change_role pk": "editor",
    "accounts:leave pk": "membership",
    **{f"accounts:view_{one} pk": "saved_view" for one in ("rename", "remove", "undo")},
    **{
        f"units:{one} pk": "company"
        for one in ("unit", "verify", "send_back", "rename", "merge", "administrator", "region")
    },
    "units:decide pk": "change",
    "units:proof_file public_id": "proof",
    "units:proof_page public_id": "proof",
    "public:notice pk": "notice",
    "public:objection_received public_id": "objection",
    "recommenders:approve_seal pk": "seal",
    "recommenders:seal_picture pk": "seal",
    "recommenders:stop_seal pk": "seal",
    "recommenders:office_approve_seal pk": "seal",
    "recommenders:office_stop_seal pk": "seal",
    "recommenders:office_seal_picture pk": "seal",
    "recommenders:office_sealed pk": "ranked",
    "recommenders:remove_note pk": "filing_note",
    "recommenders:drop_tag pk": "filing_tag",
    "recommenders:undo_tagging pk": "tagging",
    "recommenders:minutes public_id": "paper_selection",
    "recommenders:cancel_over_quota public_id": "over_quota",
    "recommenders:decide_over_quota public_id": "over_quota",
    "recommenders:confirm_scan public_id": "scan",
    "recommenders:scan_file public_id": "scan",
    "recommenders:scan_page public_id": "scan",
    "recommenders:second_look public_id": "scan",
    "recommenders:office_list pk": "ranked",
    "recommenders:office_sheet pk": "ranked",
    "recommenders:office_history pk": "ranked",
    "recommenders:office_history_sheet pk": "ranked",
    "recommenders:office_pack pk": "ranked",
    "recommenders:paper_sender pk": "province",
    "recommenders:paper_receive pk": "province",
    "recommenders:paper_rest pk": "province",
    "recommenders:paper_correct public_id": "paper_receipt",
    "recommenders:settle pk": "ranked",
    "recommenders:office_allotment pk": "allotment",
    "recommenders:change_limit pk": "allotment",
    "applications:similar_pair pk": "pair",
    "reviews:judge_conflict pk": "conflict",
    "reviews:edit_expert pk": "expert",
    "reviews:invite_expert pk": "expert",
    "reviews:leave_pool pk": "expert",
    "reviews:name_lead pk": "expert",
    "reviews:reveal_phone pk": "expert",
    "reviews:declare public_id": "round",
    "reviews:lead_progress public_id": "round",
    **world_visits.ARGUMENTS,
    "outcomes:decide_request pk": "slot_request",
    "outcomes:edit public_id": "draft",
    "outcomes:publish public_id": "draft",
    "outcomes:discard public_id": "draft",
    "outcomes:objection public_id": "objection",
    "outcomes:reveal public_id": "objection",
    "outcomes:attachment public_id": "objection",
    "outcomes:handle public_id": "objection",
    "outcomes:close public_id": "objection",
    "reviews:sheet number": "score_sheet",
    "reviews:write_feedback number": "entry",
    "reviews:choose number": "entry",
    "reviews:my_feedback public_id": "own",
    "reviews:scores_sheet public_id": "round",
    "panels:create public_id": "round",
    **{f"panels:{one} pk": "panel_member" for one in ("remove", "chair", "mark")},
    "panels:scan scan": "panel_scan",
    "item": "panel_item",
    "surveys:area code": "survey",
    "surveys:table code": "survey",
    "surveys:check code": "survey",
    "surveys:remind code": "survey",
    "surveys:open code": "survey",
    "surveys:close code": "survey",
    "surveys:days code": "survey",
    "surveys:add code": "survey",
    "surveys:by_link token": "survey_token",
    "surveys:link_attach token": "survey_token",
    "surveys:link_file token": "survey_token",
    "surveys:link_detach token": "survey_token",
    "surveys:attach key": "survey_kind",
    "surveys:link_attach key": "survey_kind",
    "surveys:file file_id": "survey_file",
    "surveys:link_file file_id": "survey_file",
    "surveys:detach file_id": "survey_file",
    "surveys:link_detach file_id": "survey_file",
    "surveys:checked_file file_id": "survey_file",
    "surveys:link_autosave token": "survey_token",
    "office:cockpit_sheet table": "cockpit_table",
    "office:job_again kind": "job_kind",
    "office:job_again pk": "job",
    "office:postponement pk": "postponement",
    "office:postponement_decide pk": "postponement",
    "office:incident_confirm pk": "incident",
    "office:incident_end pk": "incident",
    "office:reminder_drop pk": "reminder",
    "accounts:absence_end pk": "absence",
    "office:purge_decide pk": "purge",
    "office:letter pk": "letter",
    "office:letter_act pk": "letter",
    **{f"office:{one} pk": "export" for one in ("export_decide", "export_take")},
    **{f"office:{one} pk": "mailing" for one in ("mailing", "mailing_send", "mailing_refuse")},
    "office:decide_extension pk": "extension",
    "office:unit pk": "province",
    "office:unit_invite pk": "province",
    "office:unit_rename pk": "province",
    "office:unit_transfer pk": "city_unit",
    "office:unit_revoke pk": "province",
    "office:decide_transfer pk": "transfer",
    "office:unit_restore pk": "revocation",
    "office:move_person pk": "mover",
    **world_years.ARGUMENTS,
    **world_testing.ARGUMENTS,
    **world_calls.ARGUMENTS,
}
PREFIXES = {
    "office:question": "question",
    "documents:package": "package",
    "reviews:intake": "intake",
    "reviews:score": "task",
    "reviews:save": "task",
    "reviews:recuse": "task",
    "reviews:file": "task",
    "reviews:page_image": "task",
    "reviews:": "round",
    "panels:": "meeting",
    "public:list": "publication",
    "public:objection": "publication",
    "outcomes:": "publication",
    "surveys:": "survey_request",
    **world_years.PREFIXES,
    "visits:": "visit",
    **world_testing.PREFIXES,
}


def converters(view_name: str) -> list[str]:
    """The names of a route's arguments, in order."""
    from django.urls import get_resolver

    resolver = get_resolver()
    space, _, name = view_name.rpartition(":")
    if space:
        resolver = resolver.namespace_dict[space][1]
    return list(resolver.reverse_dict.getlist(name)[0][0][0][1])


def value(route: str, argument: str, world: World) -> object:
    word = ARGUMENTS.get(f"{route} {argument}")
    if word is None and argument == "public_id":
        word = next((to for start, to in PREFIXES.items() if route.startswith(start)), None)
    word = word or ARGUMENTS[argument]
    own = world.season.filed[0]
    table_section, table = next(
        (section.key, asked.key)
        for section in world.season.cast.call.programme.sections
        for asked in section.fields
        if asked.columns
    )
    known: dict[str, object] = {
        "own": own.public_id,
        "call": world.season.cast.call.code,
        "version": 1,
        "last_version": own.versions.count(),
        "page": 1,
        "table_section": table_section,
        "table": table,
        "section": world.season.cast.call.programme.sections[0].key,
        "attachment_kind": world.season.cast.call.programme.attachments[0].key,
        "token": "0" * 64,
        "kind": "announcement",
        **world.arguments,
    }
    return known[word]


def address(route: str, world: World) -> str:
    return reverse(route, kwargs={name: value(route, name, world) for name in converters(route)})


# Playing ---------------------------------------------------------------------------------------

# What is sent where an empty form would be turned back before the door.
BODIES = {
    "recommenders:move": {"direction": "up"},
    "recommenders:rank": {"number": "1"},
    "office:decide_transfer": {"act": "cancel"},
}
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE")
BOOKKEEPING = ("accounts_session", "axes_", '"last_login"', "SAVEPOINT")


def changes(queries: list[dict[str, str]]) -> list[str]:
    return [
        query["sql"][:200]
        for query in queries
        if query["sql"].lstrip().upper().startswith(WRITING)
        and not any(word in query["sql"] for word in BOOKKEEPING)
    ]


def text_of(answer: Any) -> str:
    """Headers and body; the sheets of a workbook unpacked."""
    head = "\n".join(f"{name}: {held}" for name, held in answer.headers.items())
    if answer.streaming:
        body = b"".join(answer.streaming_content)
    else:
        body = answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return f"{head}\n{body.decode('utf-8', 'replace')}"


def may_meet(canary: str, person: str) -> bool:
    for pattern, words in matrix()["canaries"].items():
        if fnmatch.fnmatchcase(canary, pattern):
            return person in people(words)
    raise LookupError(f"no row of canaries fits {canary}")


def leaks(text: str, person: str, world: World) -> list[str]:
    return sorted(
        {
            name
            for token, name in world.canaries.names.items()
            if (token in text or token.lower() in text) and not may_meet(name, person)
        }
    )


def play(
    route: str, method: str, world: World, *, whole: bool = False, done: list[str] | None = None
) -> Iterator[str]:
    """Every way in which the answers differ from the row. ``done`` gets the person of each cell.

    Of a method that is not taken only a sample is asked, unless the ``whole`` is wanted.
    """
    url = address(route, world)
    cell = expected(route, method)
    if method not in matrix()["routes"][route] and not whole:
        cell = sample(cell)
    for person, (word, codes) in sorted(cell.items()):
        if done is not None:
            done.append(person)
        client = world.client(person)
        before = Entry.objects.count()
        with transaction.atomic(), CaptureQueriesContext(connection) as seen:
            answer = getattr(client, method)(url, BODIES.get(route) if method == "post" else None)
            text = text_of(answer)
            written = changes(seen.captured_queries)
            after = Entry.objects.count()
            transaction.set_rollback(True)
        said = f"{method.upper()} {route} as {person}"
        if answer.status_code not in codes:
            yield f"{said}: {answer.status_code}, expected {word} {sorted(codes)}"
        login = answer.status_code == 302 and "/account/login/?next=" in answer.headers["Location"]
        if login != (word == "login" and answer.status_code == 302):
            yield f"{said}: sent to {answer.headers['Location']}"
        if away := leaving.unmarked(text):
            yield f"{said}: leads elsewhere without a word: {away[:2]}"
        if method == "get" and written:
            yield f"{said}: a GET that writes: {written[:2]}"
        if word != "ok" and (after != before or written):
            yield f"{said}: {word}, and yet something was written: {written[:2]}"
        shown = matrix()["routes"][route].get("shows", "") if word == "ok" else ""
        found = leaks(text, person, world)
        opened = shown.split()
        if found := [n for n in found if not any(fnmatch.fnmatchcase(n, one) for one in opened)]:
            yield f"{said}: shows {found}"


def sample(cell: dict[str, Any]) -> dict[str, Any]:
    """Of a method that is not taken one person for each word is enough."""
    one = {word: person for person, (word, _) in sorted(cell.items())}
    return {person: cell[person] for person in one.values()}


def differences(route: str, world: World) -> list[str]:
    """Both methods of a row, played for everybody."""
    return [said for method in ("get", "post") for said in play(route, method, world)]


def pinned(answer: Any, world: World) -> str:
    """The page without what any two answers differ in: the token of its forms, its address."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return text.replace(world.season.filed[0].public_id, "23456789abcd")


def route_names() -> set[str]:
    return {name for _, name, _ in routes()}
