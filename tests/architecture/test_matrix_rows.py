"""The permission matrix as a document: complete, and no row without a success and a denial."""

from tests.architecture import expanding, permissions
from tests.architecture.matrix_file import everybody, matrix


def test_every_route_has_a_row_and_every_row_a_route():
    assert expanding.route_names() ^ set(matrix()["routes"]) == set()


def test_every_row_that_is_not_public_denies_somebody_and_lets_somebody_in():
    for route, row in matrix()["routes"].items():
        for method in set(row) & {"get", "post"}:
            words = [word for word, _ in expanding.expected(route, method).values()]
            cell = row[method]
            if cell.get("ok") != "everybody" and "hidden" not in cell:
                assert "ok" in words, route
                assert {"login", "forbidden", "hidden"} & set(words), route


def test_the_document_is_the_matrix():
    """Written anew by ``python -m tests.architecture.permissions``."""
    same = permissions.FILE.read_text("utf-8") == permissions.text()
    assert same, "run: python -m tests.architecture.permissions"
    assert set(permissions.TITLES) == set(everybody())
