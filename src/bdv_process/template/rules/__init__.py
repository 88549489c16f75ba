"""The rules a template keeps, in the order they are read; `docs/rules.md` gives the reason of each.

A rule is one small function that yields the spots where it is broken; its id is its name with
hyphens. A later stage runs only when the earlier ones found no error, so it can rely on them.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lxml import etree

from bdv_process.errors import BdvError, InputRefused
from bdv_process.template.elements import BPMN, build
from bdv_process.template.finding import Finding, Spot
from bdv_process.template.model import Template, by_key
from bdv_process.template.rules import choice, collection, elements, flow, routine, words
from bdv_process.template.xml import read_bytes, safe_xml

ElementRule = Callable[[etree._Element], Iterator[Spot]]
TemplateRule = Callable[[Template], Iterator[Spot]]
CollectionRule = Callable[[Template, dict[str, Template]], Iterator[Spot]]

ELEMENT_STAGES: tuple[tuple[ElementRule, ...], ...] = (
    (elements.within_limits,),
    (
        elements.no_code,
        elements.executable_process,
        elements.supported_elements,
        elements.template_header,
        elements.own_extension,
        elements.id_form,
        elements.unique_ids,
        elements.references,
        elements.timer_literal,
        elements.plain_text,
    ),
    (elements.xsd_valid,),
)
TEMPLATE_STAGES: tuple[tuple[TemplateRule, ...], ...] = (
    (
        flow.one_start,
        flow.has_end,
        flow.event_variants,
        flow.no_implicit_split,
        flow.no_implicit_join,
        flow.reachable,
        flow.no_dead_end,
        flow.end_outcome,
        choice.condition_allowed,
        choice.condition_placed,
        choice.condition_known,
        choice.split_complete,
        words.names_present,
        words.names_unique,
        words.documented,
        words.diagram_complete,
    ),
    (flow.sound,),
)
COLLECTION_RULES: tuple[CollectionRule, ...] = (
    collection.one_key,
    collection.called_template,
    collection.call_cycle,
    collection.shared_activity,
    routine.derived_from,
    routine.refined_activity,
    routine.within_template,
)


def rule_id(rule: Callable[..., Iterator[Spot]]) -> str:
    """Return the name by which people know a rule."""
    return rule.__name__.replace("_", "-")


def examine(source: bytes, path: Path) -> tuple[Template | None, tuple[Finding, ...]]:
    """Return the template in a file, unless a rule forbids it, and all that the rules found.

    Raises:
        InputRefused: it is not a BPMN file.
        LimitExceeded: it is larger than the limits.
    """
    root = safe_xml(source, path)
    if root.tag != f"{BPMN}definitions":
        raise InputRefused("BDV-115", where=path, root=etree.QName(root).localname)
    found: list[Finding] = []
    for elements_stage in ELEMENT_STAGES:
        for element_rule in elements_stage:
            found += _findings(element_rule, path, element_rule(root))
        if found:
            return None, tuple(found)
    template = build(root, source, path)
    for stage in TEMPLATE_STAGES:
        for rule in stage:
            found += _findings(rule, path, rule(template))
        if any(finding.severity == "error" for finding in found):
            return None, tuple(found)
    return template, tuple(found)


def across(templates: Iterable[Template], beside: Iterable[Template] = ()) -> list[Finding]:
    """Return what the rules between templates find in `templates`, used together with `beside`."""
    given = list(templates)
    together = by_key(beside) | by_key(reversed(given))  # of two with one key, the first counts
    return [
        finding
        for template in given
        for rule in COLLECTION_RULES
        for finding in _findings(rule, template.path, rule(template, together))
    ]


def check(paths: Iterable[Path], beside: Iterable[Template] = ()) -> tuple[Finding, ...]:
    """Return all findings in files and folders of BPMN; what cannot be read is a finding too."""
    findings: list[Finding] = []
    templates: list[Template] = []
    for path in paths:
        for file in sorted(path.glob("*.bpmn")) or [path]:
            try:
                template, found = examine(read_bytes(file), file)
            except BdvError as error:
                findings.append(_unreadable(error, file))
                continue
            findings += found
            templates += [template] if template else []
    return (*findings, *across(templates, beside))


def _findings(
    rule: Callable[..., Iterator[Spot]], path: Path, spots: Iterator[Spot]
) -> Iterator[Finding]:
    name = rule_id(rule)
    for spot in spots:
        yield Finding(
            rule=name,
            file=path,
            line=spot.line,
            element=spot.element,
            key=spot.key or f"rule.{name}",
            facts=spot.facts,
        )


def _unreadable(error: BdvError, file: Path) -> Finding:
    line = error.where.rpartition(":")[2]
    return Finding(
        rule="readable",
        file=file,
        line=int(line) if line.isdigit() else 0,
        element="",
        key=error.code,
        facts=error.facts,
    )
