"""The permission matrix as a document: complete, and no row without a success and a denial."""

from tests.architecture import expanding


def test_every_route_has_a_row_and_every_row_a_route():
    assert expanding.route_names() ^ set(expanding.matrix()["routes"]) == set()


def test_every_row_that_is_not_public_denies_somebody_and_lets_somebody_in():
    for route, row in expanding.matrix()["routes"].items():
        for method in set(row) & {"get", "post"}:
            words = [word for word, _ in expanding.expected(route, method).values()]
            cell = row[method]
            if cell.get("ok") != "everybody" and "hidden" not in cell:
                assert "ok" in words, route
                assert {"login", "forbidden", "hidden"} & set(words), route
