"""What is installed is what was reviewed: the locks, the scripts, the wheel and the four package names."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-build.lock")
PYTHON_LOCKS = (
    *LOCKS,
    "tests/peers_live/bovine/requirements.lock",
    "tests/clients_live/python/requirements.lock",
)
NODE_LOCKS = ("tests/peers_live/fedify/package-lock.json", "tests/clients_live/masto/package-lock.json")
ROOMS = ("vraagbaak", "storage", "federation", "web")
SCRIPTS = (
    "scripts/serve",
    "scripts/demo",
    "scripts/test",
    "scripts/check",
    "scripts/bench",
    "scripts/fuzz",
    "scripts/conformance",
    "scripts/lock",
    ".ci/run",
)


def entries(lock: str) -> list[str]:
    """The requirements of a lock file, each with its hashes on one line."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(lock: str) -> set[str]:
    """The requirements of a lock file without their hashes: name, version and where they apply."""
    return {re.split(r"\s+--hash", entry)[0].strip() for entry in entries(lock)}


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("lock", [*PYTHON_LOCKS, *NODE_LOCKS])
def test_i12_a_lock_names_no_place_to_download_from(lock):
    """Where packages come from is the choice of who installs: a lock holds no address and no index, not even in a comment."""
    text = (ROOT / lock).read_text()
    for word in ("http:", "https:", "://", "file:", "www.", "index-url", "find-links", "trusted-host", " @ "):
        assert word not in text, f"{lock} holds {word!r}"


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_i12_every_locked_requirement_is_one_version_with_a_hash(lock):
    """No package can be swapped on the way: each requirement is pinned exactly and carries a SHA-256."""
    assert entries(lock)
    pinned = re.compile(r"[a-z0-9.\-]+(\[[a-z,]+\])?==\S+( ; .+?)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [entry for entry in entries(lock) if not pinned.fullmatch(entry)] == []


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_i12_every_locked_package_for_node_has_a_hash(lock):
    """The same for the other registry: exact versions are asked for, and each package that comes carries its SHA-512."""
    folder = (ROOT / lock).parent
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    assert [version for version in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert locked.pop("")["dependencies"] == wanted
    assert [name for name, each in locked.items() if not each["integrity"].startswith("sha512-")] == []


def test_tests_run_on_the_versions_that_serve():
    """Adding the test requirements to a running installation changes nothing that is already there."""
    assert pins("requirements.lock") <= pins("requirements-test.lock")
    assert pins("requirements-build.lock") <= pins("requirements-test.lock")


def test_i12_every_direct_dependency_is_locked():
    """pyproject.toml and the locks tell the same story: `scripts/lock` was not forgotten."""
    project = pyproject()["project"]
    extras = project["optional-dependencies"]

    def names(requirements):
        return {re.match(r"[A-Za-z0-9.\-]+", one)[0].lower() for one in requirements}

    def locked(lock):
        return {re.split(r"[=\[]", pin)[0] for pin in pins(lock)}

    assert names(project["dependencies"] + extras["postgres"]) <= locked("requirements.lock")
    assert names(extras["test"]) <= locked("requirements-test.lock")
    assert pyproject()["build-system"]["requires"] == pyproject()["dependency-groups"]["build"]


def test_i12_no_dependency_brings_a_package_with_one_of_our_names():
    """`web`, `storage` and `federation` exist elsewhere too; none of what we install may overwrite ours without a word."""
    provided = importlib.metadata.packages_distributions()
    for room in ROOMS:
        assert set(provided.get(room, ())) <= {"vraagbaak"}, f"{room} comes from {provided[room]}"


@pytest.mark.parametrize("room", ROOMS)
def test_the_rooms_come_from_this_checkout(room):
    """What is tested is what stands here, not a copy that was installed earlier, from whatever folder one starts."""
    script = f"import {room}; print({room}.__file__, {room}.__vraagbaak__, sep=chr(10))"
    run = subprocess.run([sys.executable, "-c", script], cwd="/", capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [str(ROOT / room / "__init__.py"), pyproject()["project"]["version"]]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_can_be_started(script):
    """Every command that the documentation names can be run as it stands, after a plain checkout."""
    assert os.access(ROOT / script, os.X_OK)
    assert (ROOT / script).read_text().startswith("#!")


def test_the_wheel_holds_everything_that_runs(tmp_path):
    """`pip install` gives the same program as the checkout: templates, styles, languages, migrations and word lists included."""
    build = "import sys, hatchling.build as b; b.build_wheel(sys.argv[1])"
    run = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    here = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == here
