"""What we install may be used, and no key stands in the source."""

import subprocess

import pytest

from dev_tools import licences, secrets_scan

ROOT = secrets_scan.ROOT


def test_every_package_that_runs_in_production_may_be_used():
    found = list(licences.of(licences.locked(licences.LOCK.read_text("utf-8"))))
    assert len(found) > 60
    assert [one for one in found if one.problem] == []


@pytest.mark.parametrize(
    "licence",
    [
        "AGPL-3.0-only",
        "GNU Affero General Public License v3",
        "GPL-3.0-or-later",
        "GNU General Public License v2 (GPLv2)",
        "SSPL-1.0",
        "BUSL-1.1",
        "Apache 2.0 with Commons Clause",
        "CC-BY-NC-4.0",
        "Other/Proprietary License",
        "not stated",
    ],
)
def test_terms_that_bind_the_whole_or_forbid_a_use_are_found(licence):
    assert licences.judge(licence)


@pytest.mark.parametrize(
    "licence",
    ["MIT", "BSD-3-Clause", "Apache-2.0 OR GPL-2.0", "LGPL-2.1-or-later", "MPL-2.0", "PSF-2.0"],
)
def test_free_terms_are_taken(licence):
    assert not licences.judge(licence)


def test_no_key_or_password_stands_in_the_source():
    found = [
        f"{path.relative_to(secrets_scan.ROOT)}:{number}: {kind}"
        for path in secrets_scan.files()
        for number, kind in secrets_scan.scan(path.read_text("utf-8", errors="replace"))
    ]
    assert found == []
    seen = {str(path.relative_to(secrets_scan.ROOT)) for path in secrets_scan.files()}
    assert len(seen) > 1000


@pytest.mark.parametrize("suffix", [".html", ".txt", ".md", ".py", ".js", ".toml", ".yaml"])
def test_templates_letters_docs_and_settings_are_looked_through_too(suffix):
    listed = subprocess.run(
        ["git", "ls-files", f"*{suffix}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kept = set(listed.stdout.split()) or {str(p.relative_to(ROOT)) for p in ROOT.glob(f"*{suffix}")}
    seen = {str(path.relative_to(ROOT)) for path in secrets_scan.files()}
    assert {one for one in kept if not one.startswith(secrets_scan.LEFT_OUT)} <= seen


def test_what_has_no_suffix_but_carries_settings_is_looked_through():
    seen = {str(path.relative_to(ROOT)) for path in secrets_scan.files()}
    assert {"Dockerfile", "docker-compose.yml", "deploy/site.conf.template", ".ci/run"} <= seen


BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "PRIVATE KEY-----\n" + BODY,
        "-----BEGIN " + "RSA PRIVATE KEY-----\n" + BODY,
        "aws = 'AKIA" + "Q3EGRI5XLPZ7TNWY'",
        "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a",
        "DATABASE_URL=postgres://jb:" + "hunter22@db.internal/jb",
        "SECRET_KEY = '" + "z8Kq2Lm9Xv4Tn7Rb1Wc6Yd3'",
    ],
)
def test_a_key_is_found(text):
    assert list(secrets_scan.scan(text))


@pytest.mark.parametrize(
    "text",
    [
        "password = 'accounts/password_changed.html'",
        "token_name = 'csrfmiddlewaretoken'",
        "postgres://user:password@host/db",
        "SECRET_KEY = 'only-for-tests-0123456789abcdef'",
        "-----BEGIN PUBLIC KEY-----\nMIIB",
    ],
)
def test_what_is_no_key_is_left_alone(text):
    assert not list(secrets_scan.scan(text))
