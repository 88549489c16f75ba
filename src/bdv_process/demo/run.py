"""The demonstration: five stages from a running register to a page that a manager reads."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from bdv_process.demo.planting import plant
from bdv_process.demo.population import FIRST_DAY, Population, estate, populate
from bdv_process.demo.spot import Fault
from bdv_process.eventlog.log import EventLog
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from bdv_process.language import preferred, text
from bdv_process.reading.logs import read
from bdv_process.report.render import compose, render
from bdv_process.report.section import Section
from bdv_process.resources import folder
from bdv_process.template.library import shipped, shipped_procedure

FAULTY = 0.04  #: share of the cases in which a fault is planted
USUAL_CASES = 60  #: of each workflow; the staff of `populate` is made for that many
FILES = {
    "register": "register.db",
    "log": "acht-werkstromen.xes.gz",
    "page": "rapport.html",
    "data": "rapport.json",
}

#: Opens a stage with its label and length, and gives what tells how far it is.
Stage = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """What the demonstration made."""

    own: Section  #: the eight workflows, faults included
    started: Mapping[str, int]  #: cases that were started by a requester, by template
    faults: tuple[Fault, ...]
    incidents: Section  #: the real log
    paths: Mapping[str, Path]  #: what stands where: register, log, page, data


def demonstrate(out: Path, *, cases: int, seed: int, stage: Stage) -> Demonstration:
    """Run, export, import, check and report; everything lands in `out`, or nothing does."""
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out, prefix=".demo-") as workshop:
        unfinished = {name: Path(workshop) / file for name, file in FILES.items()}
        log = synthesise(cases=cases, seed=seed, register=unfinished["register"], stage=stage)
        with stage(text("demo.export"), 2) as progress:
            spoiled, faults = plant(log, shipped(), shipped_procedure(), share=FAULTY, seed=seed)
            spoiled.write(unfinished["log"])
            progress(1)
            exported = EventLog.read(unfinished["log"])
            progress(2)
        with stage(text("demo.import"), 1) as progress:
            imported = incident_log()
            progress(1)
        with stage(text("demo.check"), 2) as progress:
            own = _section(exported, "demo.own", synthetic=True)
            progress(1)
            incidents = _section(imported, "demo.incidents", source=text("demo.attribution"))
            progress(2)
        with stage(text("demo.report"), 1) as progress:
            page = compose(
                [own, incidents],
                lang=preferred(),
                title=text("report.title"),
                generated=datetime.now(UTC),
            )
            for face in ("page", "data"):
                render(page, to=unfinished[face])
            progress(1)
        paths = {name: path.replace(out / path.name) for name, path in unfinished.items()}
    return Demonstration(
        own=own,
        started={template.key: cases for template in shipped()},
        faults=faults,
        incidents=incidents,
        paths=paths,
    )


@contextmanager
def quiet(_label: str, _length: int) -> Iterator[Callable[[int], None]]:
    """Tell nobody how far it is."""
    yield lambda _done: None


def synthesise(
    *, cases: int = 5, seed: int = 2026, register: Path | None = None, stage: Stage = quiet
) -> EventLog:
    """Make up a log: run `cases` of each workflow, in virtual time, and return what happened.

    Nobody in it exists, and the same seed gives the same log. The child cases come on top.

    Args:
        cases: of each workflow; a case takes some forty milliseconds.
        seed: of the chances.
        register: file of the register to keep, which does not exist yet.
        stage: opens a stage with its label and length, and gives what tells how far it is.
    """
    if register is None:
        with TemporaryDirectory() as workshop:
            file = Path(workshop) / "register.db"
            return synthesise(cases=cases, seed=seed, register=file, stage=stage)
    templates, procedure = shipped(), shipped_procedure()
    clock = VirtualClock(datetime.combine(FIRST_DAY, time(), UTC))
    running = CaseRegister(
        f"sqlite:///{register}",
        templates=templates,
        procedure=procedure,
        organisation=populate(procedure, size=cases / USUAL_CASES),
        infrastructure=estate(),
        clock=clock,
    )
    people = Population(running, clock, templates=templates, procedure=procedure, seed=seed)
    wanted = {template.key: cases for template in templates}
    with stage(text("demo.run"), sum(wanted.values())) as progress, running.batch():
        people.live(wanted, progress)
    log = EventLog.of(running.events(shown=False))
    running.close()
    return log


def incident_log() -> EventLog:
    """Return the shipped log of real incidents, mapped to our workflows."""
    file = folder("eventlogs") / "servicenow-incidents.csv.gz"
    return read(file, mapping=file.with_name("servicenow-incidents.toml"))


def _section(log: EventLog, name: str, *, synthetic: bool = False, source: str = "") -> Section:
    return Section.of(
        log,
        shipped(),
        shipped_procedure(),
        name=text(name),
        compared_with="quarter",
        synthetic=synthetic,
        source=source,
    )
