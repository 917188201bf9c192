"""What we ship from others is exactly what VENDOR.toml says, and loads nothing by itself."""

import re
import tomllib
from pathlib import Path

import pytest

from scripts import vendor

STATIC = Path(__file__).resolve().parents[2] / "static"
SOURCES = sorted(p for p in STATIC.rglob("*") if p.suffix in (".css", ".js"))
LOADS = re.compile(
    r"""data:[a-z]+/|url\(\s*["']?(?:https?:)?//|@import|sourceMappingURL"""
    r"""|(?:import|from|fetch|src|href)\s*\(?\s*["']https?://""",
    re.I,
)


def test_vendored_files_agree_with_their_checksums():
    assert vendor.problems() == []


def test_each_vendored_package_has_its_version_and_licence():
    files = tomllib.loads(vendor.LIST.read_text("utf-8"))["file"]
    packages = {row["name"] for row in files}
    assert packages == {package.name for package in vendor.PACKAGES}
    for row in files:
        assert row["version"] and row["licence"] and row["source"]
    with_licence = {row["name"] for row in files if row["path"].endswith("LICENSE")}
    assert with_licence == packages


def test_a_changed_vendored_file_is_noticed(tmp_path, monkeypatch):
    listed = tomllib.loads(vendor.LIST.read_text("utf-8"))["file"]
    for row in listed:
        target = tmp_path / row["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((vendor.VENDOR / row["path"]).read_bytes() + b" ")
    (tmp_path / "VENDOR.toml").write_bytes(vendor.LIST.read_bytes())
    monkeypatch.setattr(vendor, "VENDOR", tmp_path)
    monkeypatch.setattr(vendor, "LIST", tmp_path / "VENDOR.toml")
    assert sorted(vendor.problems()) == sorted(f"{r['path']}: checksum differs" for r in listed)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(STATIC).as_posix())
def test_no_style_sheet_or_script_loads_anything_from_elsewhere(path):
    found = LOADS.findall(path.read_text("utf-8"))
    assert found == []


def test_data_urls_and_source_maps_are_cut_out_when_vendoring():
    css = b'a{background:url("data:image/svg+xml,x y")}/*# sourceMappingURL=a.css.map */'
    assert vendor.cleaned("a.css", css) == b"a{background:none}\n"
