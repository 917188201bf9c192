"""The compose file and the image are read here; no container engine is needed."""

import re

import pytest
import yaml

from dev_tools import ground, processes, proxy
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


def given(service):
    """The settings of a container, but for the key that only backups have."""
    return {k: v for k, v in service["environment"].items() if k != "JIEBANG_BACKUP_KEY"}


def test_only_the_backup_has_the_key_of_the_backups_and_lies_beside_the_files():
    having = {
        name
        for name, service in COMPOSE["services"].items()
        if "JIEBANG_BACKUP_KEY" in service.get("environment", {})
    }
    assert having == {"backup"}
    volumes = COMPOSE["services"]["backup"]["volumes"]
    assert volumes == ["media:/data/media", "backups:/data/backups"]
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert "postgresql-client" in image.split()
    assert "/data/backups" in image


def test_web_workers_and_beat_run_the_same_image_with_the_same_settings():
    ours = [COMPOSE["services"][process.service] for process in processes.TABLE]
    assert all(given(service) == given(ours[0]) for service in ours)
    assert {service["image"] for service in ours} == {"jiebang"}


@pytest.mark.parametrize("process", processes.TABLE, ids=lambda process: process.service)
def test_the_containers_run_what_the_cluster_of_this_machine_runs(process: processes.Process):
    service = COMPOSE["services"][process.service]
    assert service["command"] == process.command(
        bind="0.0.0.0:8000",
        workers="4",
        tasks="4",
        pulse="/tmp/celerybeat",
        backups="/data/backups",
    )
    assert service.get("deploy", {}).get("replicas", 1) == process.count
    assert service["stop_grace_period"] == f"{processes.GRACE_SECONDS}s"


def test_every_container_of_ours_stands_in_the_process_table():
    ours = {name for name, service in COMPOSE["services"].items() if "build" in service}
    assert ours - {"migrate"} == {process.service for process in processes.TABLE}


def test_every_queue_has_one_worker_and_papers_hold_up_nothing_else():
    queues = [queue for process in processes.TABLE for queue in process.queues]
    assert sorted(queues) == sorted(QUEUES)
    assert processes.named("papers").queues == ("documents",)


def test_only_the_proxy_is_reached_from_outside():
    open_ones = {name for name, service in COMPOSE["services"].items() if service.get("ports")}
    assert open_ones == {"proxy"}


def test_the_proxy_reads_the_same_site_as_the_cluster_and_every_name_in_it_is_given():
    service = COMPOSE["services"]["proxy"]
    assert any(
        volume.startswith("./deploy/site.conf.template:/etc/nginx/templates/")
        for volume in service["volumes"]
    )
    filled = proxy.site(service["environment"])
    assert "${" not in filled
    assert "listen 443 ssl" in filled


def test_the_proxy_overwrites_what_a_client_says_of_arrival_and_address():
    headers = dict(re.findall(r"proxy_set_header (\S+) (.+);", proxy.SITE.read_text("utf-8")))
    trusted = {
        COMPOSE["services"]["web"]["environment"][name].removeprefix("HTTP_").replace("_", "-")
        for name in ("JIEBANG_TRUSTED_ARRIVAL_HEADER", "JIEBANG_TRUSTED_ADDRESS_HEADER")
    }
    assert trusted <= {name.upper() for name in headers}
    # The time is kept before the body is read, not when the request is handed on.
    assert headers["X-Request-Start"] == '"t=$arrived"'
    assert headers["X-Forwarded-Proto"] == "https"


def test_a_name_the_site_does_not_know_is_an_error_and_nginx_keeps_its_own_names():
    with pytest.raises(KeyError):
        proxy.site({}, template="listen ${HTTPS_LISTEN};")
    assert proxy.site({"A": "1"}, template="${A} $host") == "1 $host"


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


def test_the_proxy_holds_thousands_who_wait_there_and_here_alike(tmp_path):
    volumes = COMPOSE["services"]["proxy"]["volumes"]
    assert "./deploy/nginx.conf:/etc/nginx/nginx.conf:ro" in volumes
    assert proxy.number("worker_connections") >= 16_000  # two for each who waits
    assert proxy.number("worker_rlimit_nofile") > proxy.number("worker_connections")
    filled = proxy.whole(tmp_path, "server {}")
    assert f"worker_connections {proxy.number('worker_connections')};" in filled
    with pytest.raises(ground.DevError, match="nothing of keepalive"):
        proxy.number("keepalive")
