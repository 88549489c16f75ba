"""Turn the elements of a BPMN file into the values of a template.

The rules of `template/rules/elements.py` were there before, so nothing is checked here.
"""

import hashlib
import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from lxml import etree

from bdv_process.template.duration import read_duration
from bdv_process.template.model import (
    Activity,
    Box,
    Diagram,
    Flow,
    Fork,
    Kind,
    Node,
    Outcome,
    Template,
    Trigger,
)
from bdv_process.template.xml import line_of

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BDV = "{urn:bdv-process:bpmn:1}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"

NODE_TAGS = {f"{BPMN}{kind}": kind for kind in Kind}
TRIGGER_TAGS = {
    f"{BPMN}{trigger}EventDefinition": trigger for trigger in Trigger if trigger is not Trigger.NONE
}


def build(root: etree._Element, source: bytes, path: Path) -> Template:
    """Return the template in a file whose elements were found to be in order."""
    process = executable(root)[0]
    header = cast("etree._Element", bdv(process, "template"))
    elements = list(scoped(process))
    defaults = {element.get("default") for element, _ in elements}
    return Template(
        key=process.get("id", ""),
        name=name(process),
        name_en=english(process, "name"),
        process=header.get("process", ""),
        call=header.get("call", ""),
        call_en=header.get("callEn", ""),
        proactive=header.get("kind") == "proactive",
        documentation=_dutch_documentation(process),
        documentation_en=english(process, "documentation"),
        version=hashlib.sha256(source).hexdigest(),
        path=path,
        source=source,
        nodes=tuple(_node(e, scope) for e, scope in elements if e.tag in NODE_TAGS),
        flows=tuple(_flow(e, defaults) for e, _ in elements if e.tag == f"{BPMN}sequenceFlow"),
        diagram=_diagram(root),
        derives=header.get("derives"),
    )


def executable(root: etree._Element) -> list[etree._Element]:
    """Return the processes that say they can be executed."""
    return [p for p in root.iterfind(f"{BPMN}process") if p.get("isExecutable") in ("true", "1")]


def scoped(
    parent: etree._Element, scope: str | None = None
) -> Iterator[tuple[etree._Element, str | None]]:
    """Yield every element of a process in file order with the sub-process it stands in."""
    for child in parent:
        yield child, scope
        if child.tag == f"{BPMN}subProcess":
            yield from scoped(child, child.get("id"))


def bdv(element: etree._Element, tag: str) -> etree._Element | None:
    """Return the first element of our own extension with this tag."""
    return element.find(f"{BPMN}extensionElements/{BDV}{tag}")


def name(element: etree._Element) -> str:
    """Return an element's Dutch name on one line; editors break long names."""
    return " ".join(element.get("name", "").split())


def english(element: etree._Element, tag: str) -> str:
    """Return the English name or documentation from our extension."""
    found = element.findall(f"{BPMN}extensionElements/{BDV}{tag}")
    return next((" ".join((e.text or "").split()) for e in found if e.get("lang") == "en"), "")


def trigger(element: etree._Element) -> Trigger:
    """Return what an event waits for or sends."""
    return next((TRIGGER_TAGS[c.tag] for c in element if c.tag in TRIGGER_TAGS), Trigger.NONE)


def _node(element: etree._Element, scope: str | None) -> Node:
    kind = NODE_TAGS[element.tag]
    ending = bdv(element, "case")
    flag = "isInterrupting" if kind is Kind.START else "cancelActivity"
    values: dict[str, Any] = {
        "id": element.get("id", ""),
        "kind": kind,
        "name": name(element),
        "name_en": english(element, "name"),
        "line": line_of(element),
        "scope": scope,
        "trigger": trigger(element),
        "duration": _duration(element),
        "interrupting": element.get(flag, "true") in ("true", "1"),
        "attached_to": element.get("attachedToRef"),
        "triggered_by_event": element.get("triggeredByEvent") in ("true", "1"),
        "touchpoint": bdv(element, "touchpoint") is not None,
        "case_outcome": None if ending is None else ending.get("outcome"),
    }
    if kind not in (Kind.TASK, Kind.FORK):
        return Node(**values)
    values |= {
        "documentation": _dutch_documentation(element),
        "documentation_en": english(element, "documentation"),
        "outcomes": tuple(_outcomes(element)),
    }
    if kind is Kind.FORK:
        return Fork(calls=element.get("calledElement", ""), **values)
    return Activity(**values)


def _outcomes(element: etree._Element) -> Iterator[Outcome]:
    for outcome in element.iterfind(f"{BPMN}extensionElements/{BDV}outcome"):
        yield Outcome(
            id=outcome.get("id", ""), name=name(outcome), name_en=outcome.get("nameEn", "")
        )


def _duration(element: etree._Element) -> timedelta | None:
    text = element.findtext(f"{BPMN}timerEventDefinition/{BPMN}timeDuration")
    return None if text is None else read_duration(text.strip())


def _flow(element: etree._Element, defaults: set[str | None]) -> Flow:
    condition = element.findtext(f"{BPMN}conditionExpression")
    return Flow(
        id=element.get("id", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        name=name(element),
        name_en=english(element, "name"),
        line=line_of(element),
        condition=condition.strip() if condition is not None else None,
        default=element.get("id") in defaults,
        rework=bdv(element, "rework") is not None,
    )


def _dutch_documentation(element: etree._Element) -> str:
    return " ".join((element.findtext(f"{BPMN}documentation") or "").split())


def _diagram(root: etree._Element) -> Diagram:
    shapes: dict[str, Box] = {}
    edges: dict[str, tuple[tuple[float, float], ...]] = {}
    labels: dict[str, Box] = {}
    for element in root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge"):
        of = element.get("bpmnElement", "")
        if box := _box(element.find(f"{_DC}Bounds")):
            shapes[of] = box
        if box := _box(element.find(f"{_DI}BPMNLabel/{_DC}Bounds")):
            labels[of] = box
        points = [_numbers(point, "x", "y") for point in element.iterfind(_WAYPOINT)]
        if len(points) >= 2 and all(points):
            edges[of] = tuple((point[0], point[1]) for point in points)
    return Diagram(shapes=shapes, edges=edges, labels=labels)


def _box(bounds: etree._Element | None) -> Box | None:
    numbers = [] if bounds is None else _numbers(bounds, "x", "y", "width", "height")
    if not numbers or min(numbers[2:]) <= 0:
        return None
    return Box(x=numbers[0], y=numbers[1], width=numbers[2], height=numbers[3])


def _numbers(element: etree._Element, *attributes: str) -> list[float]:
    """Return the attributes as numbers, or nothing when one is missing or not a drawable number."""
    try:
        numbers = [float(element.get(attribute, "")) for attribute in attributes]
    except ValueError:
        return []
    return numbers if all(math.isfinite(number) for number in numbers) else []
