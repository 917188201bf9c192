"""Writes docs/permissions.md from the matrix: ``python -m tests.architecture.permissions``."""

import sys
from pathlib import Path

from tests.architecture.matrix_file import everybody, matrix, people

FILE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
TITLES = {
    "anonymous": "访客",
    "admin": "本单位管理员",
    "editor": "本单位填报人",
    "viewer": "本单位查看",
    "both": "本单位填报人兼邻省经办",
    "rival": "其他申报单位",
    "operator": "推荐经办",
    "approver": "推荐审批",
    "city": "下级初审",
    "neighbour": "邻省推荐单位",
    "office": "主管经办",
    "chief": "主管审批",
    "auditor": "审计",
    "security": "安全管理员",
    "sysadmin": "系统管理员",
    "expert": "已分配专家",
    "stranger": "未分配专家",
    "conflicted": "已回避专家",
    "lead": "评审组长",
    "tester": "受委托测评人员",
    "other_tester": "其他机构测评人员",
}
HEAD = """# Permissions

Generated from `tests/architecture/matrix/` by `python -m tests.architecture.permissions`;
a test holds the two together. The matrix is played: each cell is a request.

The filing in question belongs to 本单位; 推荐经办 and 推荐审批 are its province, 下级初审 the city
below it. **ok**: the person may. **404**: for this person it does not exist. Whoever is not named
gets 403, a visitor the sign-in page.
"""


def cell(words: str) -> str:
    persons = people(words)
    if persons == everybody():
        return "everybody"
    if persons == everybody() - {"anonymous"}:
        return "everybody signed in"
    return "、".join(title for person, title in TITLES.items() if person in persons)


def text() -> str:
    found = [HEAD]
    room = ""
    for route, row in matrix()["routes"].items():
        here = route.partition(":")[0] if ":" in route else "house"
        if here != room:
            room = here
            found.append(f"\n## {room}\n\n| Route | Method | ok | 404 |\n|---|---|---|---|")
        for method in ("get", "post"):
            if method in row:
                said = row[method]
                found.append(
                    f"| `{route}` | {method.upper()} | {cell(said.get('ok', ''))} "
                    f"| {cell(said.get('hidden', ''))} |"
                )
    found.append("\n## Whose texts reach whom\n\n| Text | Audience |\n|---|---|")
    found += [
        f"| `{name}` | {cell(words) or 'nobody, except where a row says so'} |"
        for name, words in matrix()["canaries"].items()
    ]
    return "\n".join(found) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
    sys.stdout.write(f"{FILE}\n")
