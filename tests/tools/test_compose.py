"""The compose file and the image are read here; no container engine is needed."""

import re

import pytest
import yaml

from dev_tools.demo import QUEUES
from dev_tools.ground import ROOT
from dev_tools.machine import PDF_PACKAGES

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SETTINGS = (ROOT / "portal/settings.py").read_text("utf-8")
OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")
NAMES = set(re.findall(r"""env(?:\.\w+)?\(\s*["']([A-Z][A-Z0-9_]+)["']""", SETTINGS))


def test_every_setting_of_the_containers_is_one_that_is_read():
    given = set(COMPOSE["services"]["web"]["environment"])
    assert {name for name in given if not name.startswith("AWS_")} <= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_setting_is_explained(name: str):
    assert f"`{name}`" in OPERATIONS


def test_an_empty_setting_of_a_container_means_not_set():
    """Compose hands on `${X:-}` as an empty text; the settings must take it as absent."""
    optional = {
        key
        for key, value in COMPOSE["services"]["web"]["environment"].items()
        if str(value).endswith(":-}")
    }
    read_as_text_or_list = set(
        re.findall(r"""env\.(?:str|list)\(\s*["']([A-Z0-9_]+)["']""", SETTINGS)
    )
    assert {name for name in optional if not name.startswith("AWS_")} <= read_as_text_or_list


def test_web_worker_and_beat_run_the_same_image_with_the_same_settings():
    web, worker, beat = (COMPOSE["services"][name] for name in ("web", "worker", "beat"))
    assert web["environment"] == worker["environment"] == beat["environment"]
    assert {service["image"] for service in (web, worker, beat)} == {"jiebang"}
    assert "-B" not in worker["command"]
    assert set(worker["command"][-1].split(",")) == set(QUEUES)


def test_the_demo_is_never_on_in_a_container():
    for service in COMPOSE["services"].values():
        assert not {"JIEBANG_DEMO", "JIEBANG_DEBUG"} & set(service.get("environment", {}))


def test_no_secret_stands_in_the_compose_file():
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|SECRET", name):
                assert str(value).startswith("${"), name


def test_the_image_brings_what_pdfs_need():
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert set(PDF_PACKAGES) <= set(image.split())
    assert "--require-hashes" in image
