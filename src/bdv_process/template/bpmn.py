"""Read a template: the bytes of its file, held against the rules, become values."""

from functools import lru_cache
from pathlib import Path

from bdv_process.template.model import Template
from bdv_process.template.rules import examine
from bdv_process.template.xml import read_bytes


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
    template, findings = examine(source, path)
    if template is None:
        raise next(finding for finding in findings if finding.severity == "error").refusal()
    return template
