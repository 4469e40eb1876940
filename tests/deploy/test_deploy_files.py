"""The files of docs/deploy/: no engine runs them here, so what can be told by reading is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from sessions_app.management.web.server import CANCEL_SECONDS, DRAIN_SECONDS
from tests.running import ROOT

FOLDER = ROOT / "docs" / "deploy"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
OBJECTS = list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text()))
CONTAINERFILE = (FOLDER / "Containerfile").read_text()
PORT = 8000
# What is under way at a stop is ended after so long at the latest, whatever it is.
STOP_SECONDS = 15
# Of the other images, of Python, or of the shell.
OTHERS = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}

OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "leftoff"}


def of_kind(*kinds: str) -> dict[str, dict[str, Any]]:
    """The objects of these kinds by their names."""
    return {each["metadata"]["name"]: each for each in OBJECTS if each["kind"] in kinds}


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, each in of_kind("Job", "Deployment").items():
        yield name, each["spec"]["template"]["spec"]


def containers() -> dict[str, dict[str, Any]]:
    return {name: container for name, pod in pods() for container in pod["containers"]}


def commands() -> dict[str, list[str]]:
    """What each container of ours is told to do."""
    told = {name: container["args"] for name, container in containers().items()}
    image = re.search(r"^CMD (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    assert image
    default = yaml.safe_load(image.group(1))
    return told | {name: service.get("command", default) for name, service in OURS.items()}


def seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text[:-1])


def test_every_variable_is_one_that_the_product_reads() -> None:
    known = set(re.findall(r"`([A-Z_]+)`", (ROOT / "README.md").read_text()))
    named = {name for service in OURS.values() for name in service["environment"]}
    named |= {name for each in of_kind("ConfigMap").values() for name in each["data"]}
    named |= {name for each in of_kind("Secret").values() for name in each["stringData"]}
    named |= set(re.findall(r"\b([A-Z_]+)=", CONTAINERFILE)) - OTHERS
    assert named - known == set()
    assert {"DATABASE_URL", "DATABASE_OWNER_URL", "SECRET_KEY", "REDIS_URL", "BASE_URL"} <= named


@pytest.mark.parametrize("where", commands())
def test_every_command_is_there_and_takes_its_options(where: str) -> None:
    name, *options = commands()[where]
    load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(options)


def test_only_what_migrates_may_change_tables() -> None:
    owners = {name for name, service in OURS.items() if "DATABASE_OWNER_URL" in service["environment"]}
    assert owners == {"migrate"}
    may = {
        name: [source["secretRef"]["name"] for source in container["envFrom"] if "secretRef" in source]
        for name, container in containers().items()
    }
    assert [name for name, secrets in may.items() if "leftoff-owner" in secrets] == ["leftoff-migrate"]


def test_the_image_holds_what_is_there_and_runs_without_rights() -> None:
    let_in: set[str] = set()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE):
        assert all((ROOT / path).exists() for path in line.split()), line
        let_in.update(line.split())
    told = (ROOT / ".dockerignore").read_text()
    assert set(re.findall(r"^!(\S+)$", told, re.MULTILINE)) == let_in
    assert re.search(r"^\*$", told, re.MULTILINE), "all else is left out"
    assert "--require-hashes" in CONTAINERFILE
    assert re.search(r"^USER 10001$", CONTAINERFILE, re.MULTILINE)


def test_the_image_can_back_up_the_database_beside_it() -> None:
    [client] = re.findall(r"postgresql-client-(\d+)", CONTAINERFILE)
    assert COMPOSE["services"]["database"]["image"] == f"postgres:{client}"


def test_ports_are_the_same_everywhere() -> None:
    assert re.findall(r"^EXPOSE (\d+)$", CONTAINERFILE, re.MULTILINE) == [str(PORT)]
    for name, told in commands().items():
        if told[0] == "serve":
            assert told[told.index("--port") + 1] == str(PORT), name
    assert re.findall(r"server (web\d):(\d+)", (FOLDER / "nginx.conf.template").read_text()) == [
        ("web1", str(PORT)),
        ("web2", str(PORT)),
    ]
    web = containers()["leftoff-web"]
    assert web["ports"] == [{"name": "http", "containerPort": PORT}]
    assert of_kind("Service")["leftoff"]["spec"]["ports"][0]["targetPort"] == "http"


def test_whatever_serves_is_probed_where_the_product_answers() -> None:
    web = containers()["leftoff-web"]
    probes = {name: web[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startupProbe": "/livez",
        # One that asked the database would restart all of them when it is away.
        "livenessProbe": "/livez",
        "readinessProbe": "/readyz",
    }
    assert {probe["port"] for probe in probes.values()} == {"http"}
    probed = {name for name, service in COMPOSE["services"].items() if "healthcheck" in service}
    assert probed == {"database", "redis", "web1", "web2", "proxy"}
    assert all(f":{PORT}/readyz" in str(OURS[name]["healthcheck"]) for name in ("web1", "web2"))


def test_nothing_may_more_than_it_must() -> None:
    for name, pod in pods():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
    for name, container in containers().items():
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True, name
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert container["resources"]["limits"]["memory"], name
    for name, service in OURS.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["user"] == "10001", name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    limited = [name for name, service in COMPOSE["services"].items() if "deploy" in service]
    assert set(COMPOSE["services"]) - set(limited) == {"migrate"}


def test_a_stop_has_the_time_it_takes() -> None:
    assert DRAIN_SECONDS + CANCEL_SECONDS < STOP_SECONDS
    web, worker = (dict(pods())[name] for name in ("leftoff-web", "leftoff-worker"))
    pause = int(web["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert web["terminationGracePeriodSeconds"] >= pause + STOP_SECONDS + 5
    assert worker["terminationGracePeriodSeconds"] >= STOP_SECONDS + 5
    assert all(seconds(service["stop_grace_period"]) >= STOP_SECONDS + 5 for service in OURS.values())


def test_what_is_named_elsewhere_in_the_manifest_is_there() -> None:
    for name, container in containers().items():
        for source in container["envFrom"]:
            kind, reference = next(iter(source.items()))
            assert reference["name"] in of_kind({"configMapRef": "ConfigMap", "secretRef": "Secret"}[kind]), (
                name
            )
    for name, pod in pods():
        mounted = {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}, name
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in of_kind("Deployment").values()]
    for each in (*of_kind("PodDisruptionBudget").values(), *of_kind("Deployment").values()):
        assert each["spec"]["selector"]["matchLabels"] in labels
    assert of_kind("Service")["leftoff"]["spec"]["selector"] in labels
    assert (
        of_kind("HorizontalPodAutoscaler")["leftoff-web"]["spec"]["scaleTargetRef"]["name"] == "leftoff-web"
    )
    [rule] = of_kind("Ingress")["leftoff"]["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert path["backend"]["service"] == {"name": "leftoff", "port": {"name": "http"}}
    assert f"https://{rule['host']}" == of_kind("ConfigMap")["leftoff"]["data"]["BASE_URL"]


def test_a_machine_that_is_gone_is_given_up_within_seconds() -> None:
    """An address that nobody has any more does not refuse: a proxy would wait for it a minute."""
    operations = ROOT / "docs" / "operations"
    told = [
        *re.findall(r"proxy_connect_timeout (\w+);", (FOLDER / "nginx.conf.template").read_text()),
        *re.findall(r"proxy_connect_timeout (\w+);", (operations / "nginx.conf").read_text()),
        *re.findall(r"dial_timeout (\w+)", (operations / "Caddyfile").read_text()),
    ]
    annotations = of_kind("Ingress")["leftoff"]["metadata"]["annotations"]
    told.append(annotations["nginx.ingress.kubernetes.io/proxy-connect-timeout"] + "s")
    assert [seconds(each) for each in told] == [2, 2, 2, 2]


def test_every_value_that_compose_asks_for_is_told_of() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (FOLDER / "compose.yaml").read_text()))
    told = set(re.findall(r"^([A-Z_]+)=", (FOLDER / "README.md").read_text(), re.MULTILINE))
    assert asked == told
    for name, service in COMPOSE["services"].items():
        for other in service.get("depends_on", {}):
            assert other in COMPOSE["services"], name
