"""`bdv mine discover --objects`: what happens to each object, of any log."""

from pathlib import Path

import pytest

from bdv_process.eventlog.object_log import ObjectLog
from cli.conftest import Shell
from mining.contacts import log_of, service

MAP = "mine discover {} --objects -o map.svg"


@pytest.fixture
def asked(shell: Shell, tmp_path: Path) -> Shell:
    log = log_of(*(service(f"z{n}", f"s{n}", begin=n) for n in range(6)))
    log.write(tmp_path / "log.csv")
    ObjectLog.of(log).write(tmp_path / "log.jsonocel")
    return shell


@pytest.mark.parametrize("file", ["log.csv", "log.jsonocel"])
def test_the_map_and_its_table_tell_what_happens_to_objects(
    asked: Shell, tmp_path: Path, file: str
) -> None:
    out = asked(MAP.format(file) + " --type case", lang="en").out
    assert ["case", "start", "Service", "request", "6", "6"] in map(str.split, out.splitlines())
    assert "strand-0" in (tmp_path / "map.svg").read_text("utf-8")
    told = asked(MAP.format(file) + " --json").json
    assert set(told) == {"format", "events", "kinds", "flows", "path"}
    assert told["kinds"] == {"case": 6, "requester": 6, "stream": 6}


def test_it_goes_with_no_workflow_and_no_mapping_of_an_object_centric_log(asked: Shell) -> None:
    asked(MAP.format("log.csv") + " --template W5", code=2)
    asked(MAP.format("log.jsonocel") + " --date-format %d", code=2)
    asked(MAP.format("log.csv") + " --type order", code=3)
