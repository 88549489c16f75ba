"""The logs and models of the bench."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bdv_process.eventlog.event import CASE, LABEL
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.mining.variants import cases_of, compared
from bdv_process.template.automaton import Automaton
from bdv_process.template.model import Template
from bdv_process.template.net import Net, Transition, compile_net
from bdv_process.template.pnml import read_pnml

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
CASES = 100_000
#: A choice of c or d, e beside f, and h that leads back to the choice.
STEPS: tuple[tuple[str | None, tuple[int, ...], tuple[int, ...]], ...] = (
    ("a", (0,), (1,)), ("b", (1,), (2,)), ("c", (2,), (3,)), ("d", (2,), (3,)),
    (None, (3,), (4, 5)), ("e", (4,), (6,)), ("f", (5,), (7,)), ("g", (6, 7), (8,)),
    ("h", (8,), (2,)), ("i", (8,), (9,)), ("j", (9,), (10,)),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """What is measured: a log of nothing but the events to compare, and a net."""

    name: str
    log: EventLog
    net: Net


def template_with_a_loop() -> Case:
    """Ten activities, a choice, two branches side by side, a loop; 100 000 noisy cases."""
    chance = random.Random(2026)
    steps = tuple(
        Transition(element=label or "", label=label, consume=before, produce=after)
        for label, before, after in STEPS
    )
    net = Net(places=tuple(map(str, range(11))), transitions=steps, initial=(0,), final=(10,))
    words = sorted(Automaton.of(net).words(18))
    cases = [noisy(chance.choice(words), chance) for _ in range(CASES)]
    rows = [(str(n), label) for n, case in enumerate(cases) for label in case]
    log = EventLog(frame=pd.DataFrame(rows, columns=[CASE, LABEL]))
    return Case(name="(a) ten activities and a loop, noisy", log=log, net=net)


def noisy(word: tuple[str, ...], chance: random.Random) -> list[str]:
    """A case with up to three activities added, left out or exchanged with the next."""
    case = list(word)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(case) - 1)
        match chance.randrange(3):
            case 0:
                case.insert(at, chance.choice("abcdefghijz"))
            case 1:
                del case[at]
            case _:
                case[at], case[at + 1] = case[at + 1], case[at]
    return case


def servicenow() -> Case:
    """The incidents of ServiceNow on W4, as `bdv mine align` compares them."""
    folder = ROOT / "eventlogs"
    templates = [Template.read(file) for file in sorted((ROOT / "bpmn").glob("w*.bpmn"))]
    known = {node.id for template in templates for node in template.nodes}
    mapping = Mapping.read(
        folder / "servicenow-incidents.toml", known=known, templates=[t.key for t in templates]
    )
    log = EventLog.read(folder / "servicenow-incidents.csv.gz", mapping=mapping)
    (template,) = (template for template in templates if template.key == "W4")
    hidden = log.provenance.not_observable
    cases = cases_of(log.frame)
    cases = cases[cases["template"] == "W4"]
    events = compared(log.frame, cases, {"W4": template}, hidden)
    whose = cases["case"].iloc[events["at"]].to_numpy()
    frame = pd.DataFrame({CASE: whose, LABEL: events["activity"].astype("str")})
    net = compile_net(template, hidden)
    return Case(name="(b) ServiceNow incidents on W4", log=EventLog(frame=frame), net=net)


def receipt() -> Case:
    """Permits at a municipality, against the model that pm4py's inductive miner finds in them."""
    import pm4py

    from bdv_process.mining.pm4 import from_pm4py_net

    log = EventLog.read(SHARED / "logs" / "receipt.xes.gz")
    found = pm4py.discover_petri_net_inductive(log.frame.astype({CASE: "str", LABEL: "str"}))
    return Case(name="(c) receipt, inductive miner", log=log, net=from_pm4py_net(*found))


def a12() -> Case:
    """A generated net, and five logs with more and more noise."""
    frames = []
    for noise in ("00", "05", "10", "20", "50"):
        frame = EventLog.read(SHARED / "models" / f"a12f0n{noise}.xes.gz").frame
        case = frame[CASE].astype("str") + f" {noise}"
        frames.append(pd.DataFrame({CASE: case, LABEL: frame[LABEL].astype("str")}))
    net = read_pnml(SHARED / "models" / "a12.pnml")
    return Case(name="(d) a12, five logs", log=EventLog(frame=pd.concat(frames)), net=net)


MEASURED: dict[str, Callable[[], Case]] = {
    "a": template_with_a_loop,
    "b": servicenow,
    "c": receipt,
    "d": a12,
}
