"""Our own source, read as syntax trees."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS: tuple[str, ...] = tuple(
    tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "root_packages"
    ]
)


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the house by its path; migrations left out, since they describe the past."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                found[name] = ast.parse(path.read_text("utf-8"), name)
    return found


def name_of(call: ast.Call) -> str:
    """The last word of what is called: ``move`` of ``services.move(...)``."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    for target in getattr(node, "targets", None) or [getattr(node, "target", None)]:
        if target is not None:
            yield from getattr(target, "elts", [target])


def _strings(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


WRITING = ("update", "update_or_create", "aupdate")


def writes(tree: ast.AST, column: str) -> Iterator[int]:
    """Lines that write a column: by assignment, ``setattr``, ``update`` or a list of fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            for target in _targets(node):
                if isinstance(target, ast.Attribute) and target.attr == column:
                    yield node.lineno
        if not isinstance(node, ast.Call):
            continue
        name = name_of(node)
        if name in WRITING and any(word.arg == column for word in node.keywords):
            yield node.lineno
        if name == "bulk_update" and column in {s for arg in node.args[1:] for s in _strings(arg)}:
            yield node.lineno
        if name == "setattr" and len(node.args) > 1 and column in set(_strings(node.args[1])):
            yield node.lineno
