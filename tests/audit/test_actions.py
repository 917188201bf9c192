"""Every code the source writes into the trail has a Chinese name, and no name is left over."""

import ast
import re
from pathlib import Path

from audit import actions
from calls import programme as programmes

ROOT = Path(__file__).parents[2]
CODE = re.compile(rf"^({'|'.join(actions.ROOMS)})\.[a-z_]+$")
HAN = re.compile(r"[\u4e00-\u9fff]")


def sources():
    for room in actions.ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def texts(node: ast.AST):
    """The strings an argument may be; of one put together, the pattern of its fixed parts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)


def written() -> tuple[set[str], set[str]]:
    """Codes, and patterns of those put together, that some call gives as its ``action``."""
    codes: set[str] = set()
    patterns: set[str] = set()
    for _, tree in sources():
        places = {}
        constants = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [one.arg for one in node.args.args]
                if "action" in names:
                    places[node.name] = names.index("action")
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        constants[target.id] = node.value
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            given = [one.value for one in node.keywords if one.arg == "action"]
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            if called in places and places[called] < len(node.args):
                given.append(node.args[places[called]])
            for one in given:
                value = constants.get(one.id, one) if isinstance(one, ast.Name) else one
                for text in texts(value):
                    if "*" in text:
                        patterns.add(text)
                    elif CODE.match(text):
                        codes.add(text)
    return codes, patterns


def expansions() -> dict[str, set[str]]:
    """What the codes that are put together can become, from the tables they come from."""
    from applications import workflow
    from fulfilment.states import MOVES as TASK_MOVES
    from testing.states import COMMISSION_MOVES, DISPUTE_MOVES, RESULT_MOVES
    from units.models import Change

    moves = {
        name
        for path in programmes.catalogue().values()
        for name in workflow.moves(programmes.read(path).steps)
    }
    acts = {"ask_change", "propose_termination", "propose_change", "approve_change"}
    return {
        "applications.*": {f"applications.{one}" for one in moves},
        "fulfilment.*": {f"fulfilment.{one}" for one in {*TASK_MOVES, *acts}},
        "testing.*": {f"testing.{one}" for one in COMMISSION_MOVES},
        "testing.*_result": {f"testing.{one}_result" for one in RESULT_MOVES},
        "testing.*_dispute": {f"testing.{one}_dispute" for one in DISPUTE_MOVES},
        "units.propose_*": {f"units.propose_{one}" for one in Change.Kind.values},
        "units.decide_*": {f"units.decide_{one}" for one in Change.Kind.values},
        "office.*_mailing": {"office.send_mailing", "office.refuse_mailing"},
        "recommenders.*": {"recommenders.forward", "recommenders.hold"},
    }


def test_every_code_in_the_source_has_a_name():
    codes, patterns = written()
    assert len(codes) > 280, "the source was read"
    known = expansions()
    assert patterns <= set(known), "say in expansions() what this code can become"
    wanted = codes.union(*known.values())
    assert sorted(wanted - set(actions.NAMES)) == []


def test_no_name_is_left_over_from_a_code_that_is_gone():
    codes, _ = written()
    fixed = {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    acts = {
        node.args[1].value
        for path, tree in sources()
        if str(path) == "fulfilment/services/changing.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and len(node.args) > 1
        if isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)
    }
    live = codes | fixed | {f"fulfilment.{one}" for one in acts}
    left = set(actions.NAMES) - live.union(*expansions().values())
    assert sorted(left) == []


def test_names_are_chinese_short_and_told_apart_within_their_room():
    for code, title in actions.NAMES.items():
        assert CODE.match(code), code
        assert HAN.search(title) and len(title) <= 14, title
    seen = [(actions.room(code), title) for code, title in actions.NAMES.items()]
    assert sorted(one for one in seen if seen.count(one) > 1) == []


def test_an_unknown_code_stands_for_itself():
    assert actions.name("rooms.unheard_of") == "rooms.unheard_of"
    assert actions.choices(["calls.open", "rooms.unheard_of"])[0][1]
