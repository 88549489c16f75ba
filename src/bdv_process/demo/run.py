"""The demonstration: five stages from a running register to a page that a manager reads."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bdv_process.demo.planting import Fault, plant
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping as LogMapping
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.population import FIRST_DAY, Population, populate
from bdv_process.execution.register import CaseRegister
from bdv_process.language import preferred, text
from bdv_process.report.render import render
from bdv_process.report.section import Section
from bdv_process.resources import folder
from bdv_process.template.library import shipped, shipped_procedure

FAULTY = 0.04  #: share of the cases in which a fault is planted
INCIDENTS = "servicenow-incidents"  #: the real log, in `eventlogs/`
USUAL_CASES = 60  #: of each workflow; the staff of `populate` is made for that many

#: Opens a stage with its label and length, and gives what tells how far it is.
Stage = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """What the demonstration made."""

    own: Section  #: the eight workflows, faults included
    started: Mapping[str, int]  #: cases that were started by a requester, by template
    faults: tuple[Fault, ...]
    incidents: Section  #: the real log
    paths: Mapping[str, Path]  #: what stands where: register, log, page


def synthesise(register_path: Path, *, cases: int, seed: int, stage: Stage) -> EventLog:
    """Run `cases` of each workflow in a new register, in virtual time, and return its log."""
    templates, procedure = shipped(), shipped_procedure()
    clock = VirtualClock(datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC))
    register = CaseRegister(
        f"sqlite:///{register_path}",
        templates=templates,
        procedure=procedure,
        organisation=populate(procedure, size=cases / USUAL_CASES),
        clock=clock,
    )
    people = Population(register, clock, templates=templates, procedure=procedure, seed=seed)
    wanted = {template.key: cases for template in templates}
    with stage(text("demo.run"), sum(wanted.values())) as progress, register.batch():
        people.live(wanted, progress)
    log = EventLog.of(register.events())
    register.close()
    return log


def demonstrate(out: Path, *, cases: int, seed: int, stage: Stage) -> Demonstration:
    """Run, export, import, check and report; everything lands in `out`."""
    templates, procedure, lang = shipped(), shipped_procedure(), preferred()
    out.mkdir(parents=True, exist_ok=True)
    paths = {
        "register": out / "register.db",
        "log": out / "acht-werkstromen.xes.gz",
        "page": out / "rapport.html",
    }
    with TemporaryDirectory(dir=out, prefix=".demo-") as workshop:
        unfinished = Path(workshop) / "register.db"
        log = synthesise(unfinished, cases=cases, seed=seed, stage=stage)
        unfinished.replace(paths["register"])
    with stage(text("demo.export"), 2) as progress:
        spoiled, faults = plant(log, procedure, share=FAULTY, seed=seed)
        spoiled.write(paths["log"])
        progress(1)
        exported = EventLog.read(paths["log"])
        progress(2)
    with stage(text("demo.import"), 1) as progress:
        known = {node.id for template in templates for node in template.nodes}
        mapping = LogMapping.read(
            folder("eventlogs") / "servicenow-incidents.toml",
            known=known,
            templates=[template.key for template in templates],
        )
        imported = EventLog.read(
            folder("eventlogs") / "servicenow-incidents.csv.gz", mapping=mapping
        )
        progress(1)
    with stage(text("demo.check"), 2) as progress:
        own = Section.of(exported, templates, procedure, name=text("demo.own"), synthetic=True)
        progress(1)
        incidents = Section.of(
            imported,
            templates,
            procedure,
            name=text("demo.incidents"),
            source=text("demo.attribution"),
        )
        progress(2)
    with stage(text("demo.report"), 1) as progress:
        render(
            [own, incidents],
            to=paths["page"],
            lang=lang,
            title=text("report.title"),
            generated=datetime.now(UTC),
        )
        progress(1)
    return Demonstration(
        own=own,
        started={template.key: cases for template in templates},
        faults=faults,
        incidents=incidents,
        paths=paths,
    )
