"""Rules on the elements as they stand in the file, before anything is made of them."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

from lxml import etree

from bdv_process.errors import InputRefused
from bdv_process.limits import limit
from bdv_process.template.duration import read_duration
from bdv_process.template.elements import (
    BDV,
    BPMN,
    NODE_TAGS,
    TRIGGER_TAGS,
    bdv,
    executable,
    scoped,
)
from bdv_process.template.finding import Spot, at
from bdv_process.template.model import Kind
from bdv_process.template.xml import line_of

MAX_NODES = limit("BDV_MAX_NODES")
MAX_CHAIN = limit("BDV_MAX_CHAIN")  # SpiffWorkflow reads a chain by recursion and stops near 490
MAX_REPEATS = 1_000

_FLOW = f"{BPMN}sequenceFlow"
_SUPPORTED = {_FLOW, *NODE_TAGS, *TRIGGER_TAGS} | {
    BPMN + tag
    for tag in (
        *("definitions", "process", "conditionExpression", "incoming", "outgoing"),
        *("message", "escalation", "timeDuration", "timeDate", "timeCycle"),
        *("documentation", "extensionElements", "textAnnotation", "text", "association"),
    )
}
#: In what they have to stand, or they would be passed over.
_PLACE = {
    **dict.fromkeys((*NODE_TAGS, _FLOW), (f"{BPMN}process", f"{BPMN}subProcess")),
    f"{BPMN}process": (f"{BPMN}definitions",),
}
_SUPPORTED_WORDS = ", ".join(
    [*Kind, "sequenceFlow", *(etree.QName(tag).localname for tag in TRIGGER_TAGS)]
)
_PLAIN_VALUES = {
    "isForCompensation": "false",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "parallelMultiple": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
}
_CODE = {
    "script",
    "prescript",
    "postscript",
    "executionlistener",
    "tasklistener",
    "servicetaskoperator",
    "connector",
}
# Where each element of our extension may stand, and the attributes it must have.
_EXTENSION = {
    "template": (["process"], ["process", "call", "callEn", "kind"]),
    "name": (["process", "sequenceFlow", *Kind], ["lang"]),
    "documentation": (["process", "sequenceFlow", *Kind], ["lang"]),
    "outcome": ([Kind.TASK, Kind.FORK], ["id", "name", "nameEn"]),
    "touchpoint": ([*Kind], []),
    "rework": (["sequenceFlow"], []),
    "case": ([Kind.END], ["outcome"]),
}
_OPTIONAL = {"template": {"derives"}}
_ENDS = {
    _FLOW: ("sourceRef", "targetRef"),
    f"{BPMN}boundaryEvent": ("attachedToRef",),
}
_DECLARED = {
    f"{BPMN}messageEventDefinition": "messageRef",
    f"{BPMN}escalationEventDefinition": "escalationRef",
}
_WORD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def within_limits(root: etree._Element) -> Iterator[Spot]:
    """Refuse what the engine cannot carry: too many nodes, too long a chain, too many repeats."""
    nodes = list(root.iter(*NODE_TAGS))
    if len(nodes) > MAX_NODES:
        yield at(root, count=len(nodes), limit=MAX_NODES, what="flowNode")
    elif (length := _longest_chain(root)) > MAX_CHAIN:
        yield at(root, "rule.within-limits.chain", count=length, limit=MAX_CHAIN)
    for element in root.iter(f"{BPMN}loopCardinality"):
        digits = (element.text or "").strip()
        if digits.isdecimal() and (len(digits) > 9 or int(digits) > MAX_REPEATS):
            yield at(element, count=digits[:12], limit=MAX_REPEATS, what="loopCardinality")


def executable_process(root: etree._Element) -> Iterator[Spot]:
    """Refuse a file that does not hold exactly one process, which says it can be executed."""
    processes = list(root.iterfind(f"{BPMN}process"))
    if len(processes) != 1 or not executable(root):
        found = [f"{p.get('id')} (isExecutable={p.get('isExecutable')})" for p in processes]
        yield at(root, found=", ".join(found) or "-")


def supported_elements(root: etree._Element) -> Iterator[Spot]:
    """Refuse elements and markers that the engine ignores, cannot run, or that need a service."""
    inside: set[etree._Element] = set()
    for element in root.iter(f"{BPMN}*"):
        if element.getparent() in inside:
            inside.add(element)
            continue
        tag = etree.QName(element).localname
        if element.tag not in _SUPPORTED and tag.lower() not in _CODE and tag != "scriptTask":
            inside.add(element)
            yield at(element, tag=tag, supported=_SUPPORTED_WORDS)
        around = element.getparent()
        if around is not None and around.tag not in _PLACE.get(str(element.tag), (around.tag,)):
            inner = f"{etree.QName(around).localname} {tag}"
            yield at(element, tag=inner, supported=_SUPPORTED_WORDS)
        for marker, plain in _PLAIN_VALUES.items():
            if element.get(marker, plain) != plain:
                yield at(element, tag=f"{tag} {marker}", supported=_SUPPORTED_WORDS)


def no_code(root: etree._Element) -> Iterator[Spot]:
    """Refuse scripts and listeners: a template runs no code."""
    for element in root.iter(f"{BPMN}scriptTask", f"{BPMN}extensionElements"):
        if element.tag == f"{BPMN}scriptTask":
            yield at(element, tag="scriptTask")
            continue
        for extension in element.iterdescendants(etree.Element):
            tag = etree.QName(extension).localname
            if tag.lower() in _CODE:
                yield at(_owner(extension), tag=tag)


def template_header(root: etree._Element) -> Iterator[Spot]:
    """Refuse a process that does not say with bdv:template what it is."""
    for process in root.iterfind(f"{BPMN}process"):
        if bdv(process, "template") is None:
            yield at(process)


def own_extension(root: etree._Element) -> Iterator[Spot]:
    """Refuse bdv elements that are unknown, misplaced or incomplete: they would be ignored."""
    for element in root.iter(f"{BDV}*"):
        tag = etree.QName(element).localname
        owner = _owner(element)
        owners, attributes = _EXTENSION.get(tag, ([], []))
        values = {str(key): str(value) for key, value in element.attrib.items()}
        words = [values.get(a, "") for a in ("id", "outcome", "process") if a in attributes]
        if (
            etree.QName(owner).localname not in owners
            or set(values) - _OPTIONAL.get(tag, set()) != set(attributes)
            or not all(values.values())
            or not all(_WORD.fullmatch(word) for word in words)
            or values.get("kind", "reactive") not in ("reactive", "proactive")
            or values.get("lang", "en") != "en"
        ):
            expected = " ".join([f"bdv:{tag}", *attributes])
            known = ", ".join(f"bdv:{name}" for name in _EXTENSION)
            yield at(owner, tag=tag, expected=expected if owners else known)


def id_form(root: etree._Element) -> Iterator[Spot]:
    """Refuse ids that cannot be vocabulary: every node is `process_activity`, in every file."""
    for process in executable(root):
        header = bdv(process, "template")
        prefix = "" if header is None else f"{header.get('process', '')}_"
        form = re.compile(prefix + _WORD.pattern)
        nodes = [element for element, _ in scoped(process) if element.tag in NODE_TAGS]
        flows = [element for element, _ in scoped(process) if element.tag == _FLOW]
        wrong = [node for node in nodes if not form.fullmatch(node.get("id", ""))]
        wrong += [element for element in (process, *flows) if not element.get("id")]
        for element in wrong:
            yield at(element, found=element.get("id", ""), prefix=prefix)


def unique_ids(root: etree._Element) -> Iterator[Spot]:
    """Refuse two elements with one id; only outcomes of different activities may share theirs."""
    lines: dict[tuple[etree._Element | None, str], int] = {}
    named = [element for element in root.iter(etree.Element) if element.get("id")]
    # The engine looks elements up by id alone, so an outcome may not be called like one of them.
    for element in sorted(named, key=_ours):
        own = (element.getparent() if _ours(element) else None, element.get("id", ""))
        first = lines.get((None, own[1]), lines.get(own))
        if first is not None:
            yield at(element, first=first, second=line_of(element))
        lines.setdefault(own, line_of(element))


def references(root: etree._Element) -> Iterator[Spot]:
    """Refuse flows, defaults, attachments and messages that point at nothing."""
    declared = {e.get("id") for e in root if e.tag in (f"{BPMN}message", f"{BPMN}escalation")}
    for process in root.iterfind(f"{BPMN}process"):
        elements = list(scoped(process))
        # An unsupported element may be pointed at: it is found by another rule already.
        scope_of = {
            e.get("id"): scope
            for e, scope in elements
            if e.tag in NODE_TAGS or e.tag not in _SUPPORTED
        }
        leaves = {e.get("id"): e.get("sourceRef") for e, _ in elements}
        for element, scope in elements:
            for attribute in _ENDS.get(element.tag, ()):
                target = element.get(attribute)
                if target not in scope_of or scope_of[target] != scope:
                    yield at(element, attribute=attribute, target=target or "-")
            default = element.get("default")
            if default and leaves.get(default) != element.get("id"):
                yield at(element, attribute="default", target=default)
            for definition in element:
                reference = _DECLARED.get(definition.tag)
                if reference and definition.get(reference) not in declared:
                    yield at(element, attribute=reference, target=definition.get(reference, "-"))


def timer_literal(root: etree._Element) -> Iterator[Spot]:
    """Refuse timers that are not one plain duration: the engine would run the text as code."""
    for definition in root.iter(f"{BPMN}timerEventDefinition"):
        written = [child for child in definition if child.tag != f"{BPMN}extensionElements"]
        text = " ".join((child.text or "").strip() for child in written)
        try:
            read_duration(text)
            literal = [child.tag for child in written] == [f"{BPMN}timeDuration"]
        except InputRefused:
            literal = False
        if not literal:
            yield at(_owner(definition), text=text)


def plain_text(root: etree._Element) -> Iterator[Spot]:
    """Refuse invisible and direction-changing characters: a name must be what it looks like."""
    for element in root.iter(etree.Element):
        for value in (element.text or "", *map(str, element.attrib.values())):
            if found := _INVISIBLE.search(value):
                yield at(element, point=f"U+{ord(found[0]):04X}")


def xsd_valid(root: etree._Element) -> Iterator[Spot]:
    """Refuse what does not follow the BPMN 2.0 schema of the OMG."""
    schema = _schema()
    if not schema.validate(root):
        for error in cast("Iterable[etree._LogEntry]", schema.error_log):
            detail = re.sub(r"\{[^}]*\}", "", error.message)
            yield Spot(element="-", line=error.line, facts={"detail": detail})


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(Path(__file__).parents[1] / "schema" / "BPMN20.xsd"))


def _ours(element: etree._Element) -> bool:
    return str(element.tag).startswith(BDV)


def _owner(element: etree._Element) -> etree._Element:
    """Return the element an extension or event definition belongs to."""
    for ancestor in element.iterancestors():
        tag = str(ancestor.tag)
        if tag.startswith(BPMN) and not tag.endswith(("extensionElements", "EventDefinition")):
            return ancestor
    return element


def _longest_chain(root: etree._Element) -> int:
    """Return how deep a reader goes that follows every flow to the end first."""
    following: dict[str, list[str]] = {}
    for flow in root.iter(_FLOW):
        following.setdefault(flow.get("sourceRef", ""), []).append(flow.get("targetRef", ""))
    seen: set[str] = set()
    longest = 0
    for start in root.iter(f"{BPMN}startEvent"):
        path = [(start.get("id", ""), iter(following.get(start.get("id", ""), [])))]
        while path:
            longest = max(longest, len(path))
            target = next(path[-1][1], None)
            if target is None:
                path.pop()
            elif target not in seen:
                seen.add(target)
                path.append((target, iter(following.get(target, []))))
    return longest
