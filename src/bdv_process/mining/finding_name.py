"""What a finding is called in a few words: what went wrong, and at which step."""

from collections.abc import Mapping
from typing import Any

from bdv_process.language import Language, catalogue, text
from bdv_process.mining.deviation import DeviationKind
from bdv_process.template.library import shipped_procedure
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


def finding_name(row: Mapping[str, Any], known: Mapping[str, Template], lang: Language) -> str:
    """Return the name of a finding; a broken rule goes by what it asks.

    Args:
        row: template, kind, activity, label and rule, see `ConformanceReport.deviations`.
        known: what names the steps, by key.
        lang: whose words.
    """
    kind, rule = str(row["kind"]), str(row["rule"])
    said = text(f"deviation.{kind}", lang)
    if kind == DeviationKind.RULE:
        said = f"{said}: {rule_name(rule, shipped_procedure(), lang)}"
    elif kind == DeviationKind.SIBLING:
        said = f"{said}: {rule}"
    template = known.get(str(row["template"]))
    node = template.by_id.get(str(row["activity"])) if template else None
    step = (node.label(lang) if node else str(row["label"])) or str(row["activity"])
    return f"{row['template']} {said}" + (f" – {step}" if step else "")


def named_finding(finding: str, known: Mapping[str, Template], lang: Language) -> str:
    """Return the name of a finding by its id."""
    template, told, activity = (*finding.split(".", 2), "", "")[:3]
    kinds = {each.value for each in DeviationKind}
    kind = told if told in kinds else DeviationKind.RULE
    row = {"template": template, "kind": kind, "activity": activity, "label": "", "rule": told}
    return finding_name(row, known, lang)


def rule_name(rule: str, procedure: Procedure | None, lang: Language) -> str:
    """Return what a rule beyond the path asks: a separation of the procedure, or one of ours."""
    named = {each.id: each.label(lang) for each in procedure.separations} if procedure else {}
    key = f"check.{rule}"
    asked = named.get(rule) or (text(key, lang) if key in catalogue() else rule)
    return asked.removesuffix(".")
