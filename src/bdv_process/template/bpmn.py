"""Read a template from BPMN: the hardened XML, the rules, then the values."""

from functools import lru_cache
from pathlib import Path

from bdv_process.template.finding import Finding
from bdv_process.template.model import Template
from bdv_process.template.rules import examine
from bdv_process.template.xml import read_bytes, safe_xml

__all__ = ["parse", "read_template", "safe_xml", "template_from"]


def read_template(path: Path) -> Template:
    """Return the template in a file.

    Raises:
        NotFound: there is no such file.
        InputRefused: it is not BPMN, or a rule finds something in it.
        NotAllowed: it holds code.
        LimitExceeded: it is larger than the limits.
    """
    return template_from(read_bytes(path), path)


@lru_cache(maxsize=64)
def template_from(source: bytes, path: Path) -> Template:
    """Return the template in the bytes of a file; `path` is only where they came from.

    Raises:
        InputRefused: it is not BPMN, or a rule finds something in it.
        NotAllowed: it holds code.
        LimitExceeded: it is larger than the limits.
    """
    parsed = parse(source, path)
    if isinstance(parsed, Template):
        return parsed
    raise parsed[0].refusal()


def parse(source: bytes, path: Path) -> Template | tuple[Finding, ...]:
    """Return the template in the bytes of a file, or what the rules find wrong with it.

    Raises:
        InputRefused: it is not BPMN.
        LimitExceeded: it is larger than the limits.
    """
    template, findings = examine(source, path)
    return template or tuple(f for f in findings if f.severity == "error")
