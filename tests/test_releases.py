"""Releases can't break: a bad build, a kill, a full disk or a damaged file never takes the good one down."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.errors import InputError
from taiwan_can_help.release.build import build
from taiwan_can_help.release.folder import Release, Releases

RECORD = '<https://w3id.org/taiwan-can-help/id/activity/one> <http://purl.org/dc/terms/title> "{title}"@en .\n'
SHAPE = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/shapes#Title> a sh:NodeShape ;
    sh:targetSubjectsOf <http://purl.org/dc/terms/title> ; sh:property <https://example.org/shapes#Title-short> .
<https://example.org/shapes#Title-short> sh:path <http://purl.org/dc/terms/title> ; sh:maxLength 20 ;
    sh:message "Shorten the title."@en .
"""


KILLS = 30


class Dataset:
    """A small dataset folder with its releases, and the command line over both."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "dataset"
        (self.root / "data").mkdir(parents=True)
        (self.root / "shapes").mkdir()
        (self.root / "shapes" / "titles.ttl").write_text(SHAPE, "utf-8")
        self.releases = Releases(folder / "releases", self.root)
        self.retitle("first")

    def retitle(self, title: str) -> None:
        (self.root / "data" / "one.ttl").write_text(RECORD.format(title=title), "utf-8")

    def build(self) -> Release:
        return build(DatasetFolder.open(self.root), self.releases, lambda _: None)

    def command(self, verb: str) -> list[str]:
        places = ["--dataset", str(self.root), "--releases", str(self.releases.root)]
        return [sys.executable, "-m", "taiwan_can_help", verb, *places]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(tmp_path)


@pytest.fixture
def running(dataset: Dataset) -> Iterator[str]:
    """Serve the first release and give its address."""
    dataset.build()
    command = [*dataset.command("serve"), "--port", "0", "--query-timeout", "2"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout
    line = server.stdout.readline()
    yield line.rsplit(" ", 1)[1].strip().rstrip("/")
    server.terminate()
    server.communicate(timeout=20)


def served(address: str) -> str:
    with urllib.request.urlopen(f"{address}/health", timeout=10) as response:
        return str(json.load(response)["release"])


def wait_for(address: str, release: str) -> None:
    deadline = time.monotonic() + 15
    while served(address) != release:
        assert time.monotonic() < deadline, f"the server did not take release {release}"
        time.sleep(0.1)


def all_whole(releases: Releases) -> bool:
    """Whether each folder under a final name is a whole release."""
    names = [path for path in releases.root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for path in names:
        Release.open(path).check()
    return True


def test_a_violation_is_not_published_and_the_release_before_stays(dataset: Dataset) -> None:
    good = dataset.build()
    dataset.retitle("a title that is much too long for this shape")
    with pytest.raises(InputError, match=r"1 violations.*(?s:.*)data/one.ttl:1.*(?s:.*)Shorten the title"):
        dataset.build()
    assert dataset.releases.current().id == good.id


def test_killing_the_build_at_any_moment_leaves_the_good_release(dataset: Dataset) -> None:
    good = dataset.build()
    started = time.monotonic()
    dataset.retitle("second")
    subprocess.run(dataset.command("build"), check=True, capture_output=True)
    whole_build = time.monotonic() - started
    dataset.releases.use(good)
    chance = random.Random(2020)
    killed = attempt = 0
    while killed < KILLS:
        attempt += 1
        assert attempt < 4 * KILLS, "most builds ended before they were killed"
        dataset.retitle(f"attempt {attempt}")
        process = subprocess.Popen(dataset.command("build"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.0) * whole_build)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        assert all_whole(dataset.releases)
        dataset.releases.current().check()
    print(f"\n{attempt} builds, {killed} killed; after each every release was whole and a good one current")  # noqa: T201
    dataset.retitle("after")
    assert dataset.build().id == dataset.releases.current().id


@pytest.mark.parametrize("harm", ["truncate", "alter", "delete"])
@pytest.mark.parametrize("name", ["manifest.json", "dump.nq", "dump.ttl", "validation.json"])
def test_a_damaged_release_is_refused_by_name_and_built_anew(dataset: Dataset, name: str, harm: str) -> None:
    release = dataset.build()
    damage(release.root / name, harm)
    with pytest.raises(InputError, match=str(release.root)):
        Release.open(release.root).check()
    assert dataset.releases.find(release.id) is None
    again = dataset.build()
    again.check()
    assert again.id == release.id


def damage(path: Path, harm: str) -> None:
    content = path.read_bytes()
    if harm == "delete":
        path.unlink()
    elif harm == "truncate":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def test_a_running_server_takes_a_new_release_without_dropping_a_request(dataset: Dataset, running: str) -> None:
    before = served(running)
    dataset.retitle("second")
    builder = subprocess.Popen(dataset.command("build"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = [before]
    deadline = time.monotonic() + 20
    while seen[-1] == before or builder.poll() is None:
        seen.append(served(running))  # raises for any answer but 200
        assert time.monotonic() < deadline
    assert builder.returncode == 0
    assert seen[-1] == dataset.releases.current().id
    assert len(set(seen)) == 2


def test_a_running_server_refuses_a_damaged_release_and_keeps_the_good_one(dataset: Dataset, running: str) -> None:
    good = served(running)
    dataset.retitle("second")
    bad = shutil.copytree(dataset.releases.current().root, dataset.releases.root / "feed")
    (bad / "dump.nq").write_text("", "utf-8")
    dataset.releases.use(Release(bad, "feed", 0, {}, {}))
    time.sleep(1.5)
    assert served(running) == good
    new = dataset.build()
    wait_for(running, new.id)


def test_a_full_disk_is_a_clear_error_and_leaves_no_half_file(dataset: Dataset) -> None:
    good = dataset.build()
    dataset.retitle("second")

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    done = subprocess.run(dataset.command("build"), capture_output=True, text=True, preexec_fn=no_room, check=False)
    assert done.returncode == 1
    assert str(dataset.releases.root) in done.stderr
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert dataset.releases.current().id == good.id
    assert not list(dataset.releases.root.glob(".partial-*"))


def test_list_use_and_prune(dataset: Dataset) -> None:
    first = dataset.build()
    for title in ("second", "third"):
        dataset.retitle(title)
        newest = dataset.build()
    dataset.releases.use(first)
    environment = {**os.environ, "TCH_DATASET": str(dataset.root), "TCH_RELEASES": str(dataset.releases.root)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "taiwan_can_help", "releases", *words]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    assert f"* {first.id}" in run("list").stdout
    assert len(run("list").stdout.splitlines()) == 3
    assert run("use", "nonsense").returncode == 1
    assert run("use", newest.id).returncode == 0
    assert dataset.releases.current().id == newest.id
    run("prune", "--keep", "1")
    assert [release.id for release in dataset.releases.all()] == [newest.id]
