"""Verification codes, QR payloads and fingerprints."""

import pytest

from documents import codes, fingerprints


def test_a_new_code_has_ten_characters_that_nobody_confuses():
    made = {codes.new_code() for _ in range(500)}
    assert len(made) == 500
    assert all(len(code) == 10 and not set(code) & set("01ILO") for code in made)


@pytest.mark.parametrize(
    "typed",
    ["7K3M9Q2TXD", "7k3m-9q2t-xd", " 7K3M 9Q2T XD ", "７Ｋ３Ｍ－９Ｑ２Ｔ－ＸＤ", "7k3m–9q2t—xd"],
)
def test_a_code_is_understood_however_it_is_typed(typed):
    assert codes.normalise(typed) == "7K3M9Q2TXD"


@pytest.mark.parametrize("typed", ["", "7K3M9Q2TX", "7K3M9Q2TXDD", "7K3M9Q2TX0", "核验码", "../x"])
def test_what_cannot_be_a_code_is_none(typed):
    assert codes.normalise(typed) is None


def test_the_payload_of_a_page_comes_back_as_code_and_page():
    said = codes.payload("jiebang.example:8000", "7K3M9Q2TXD", 12)
    assert said == "HTTPS://JIEBANG.EXAMPLE:8000/V/7K3M9Q2TXD/12"
    assert codes.parse_payload(said) == ("7K3M9Q2TXD", 12)


@pytest.mark.parametrize(
    "text", ["", "https://x/v/7K3M9Q2TXD", "https://x/y/7K3M9Q2TXD/1", "7K3M9Q2TXD/1", "x" * 5000]
)
def test_other_texts_are_not_payloads(text):
    assert codes.parse_payload(text) is None


def test_the_fingerprint_depends_on_content_and_not_on_order():
    one = fingerprints.fingerprint({"b": "中", "a": [1, {"y": 1, "x": 2}]})
    assert one == fingerprints.fingerprint({"a": [1, {"x": 2, "y": 1}], "b": "中"})
    assert one != fingerprints.fingerprint({"a": [1, {"x": 2, "y": 1}], "b": "国"})
    assert fingerprints.canonical({"b": 1, "a": "中"}) == '{"a":"中","b":1}'.encode()


def test_a_snapshot_with_anything_but_plain_json_is_a_defect():
    with pytest.raises(ValueError, match="Out of range"):
        fingerprints.fingerprint({"a": float("nan")})
    with pytest.raises(TypeError):
        fingerprints.fingerprint({"a": object()})
