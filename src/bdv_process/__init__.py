"""Run the eight workflows of the Basisconcept van Dienstverlening and mine what happened.

    bpmn/*.bpmn ─► Template ─► Case ─► Event ─► EventLog ─► ConformanceReport ─► page
                                 foreign log ─► Mapping ─┘

What is imported from here is loaded when it is used: running cases needs no pandas, and
`bdv --help` needs neither.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bdv_process.demo.run import synthesise
    from bdv_process.errors import BdvError
    from bdv_process.eventlog.event import Event, Lifecycle
    from bdv_process.eventlog.joining import join
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.mapping import Mapping
    from bdv_process.eventlog.object_log import ObjectLog
    from bdv_process.eventlog.store import LogStore
    from bdv_process.execution.infrastructure import Infrastructure
    from bdv_process.execution.organisation import Organisation
    from bdv_process.execution.register import CaseRegister
    from bdv_process.mining.aligned import Aligned
    from bdv_process.mining.aligned import aligned as align
    from bdv_process.mining.calendar import Calendar
    from bdv_process.mining.conformance import ConformanceReport, conformance
    from bdv_process.mining.contrast import Contrast, contrast
    from bdv_process.mining.deviation import DeviationKind
    from bdv_process.mining.discovery import ProcessMap, discover
    from bdv_process.mining.drift import Drift, drift
    from bdv_process.mining.handover import Handovers, handovers
    from bdv_process.mining.journey import Journeys
    from bdv_process.mining.journeying import journeys
    from bdv_process.mining.linking import link
    from bdv_process.mining.precision import Precision, precision
    from bdv_process.mining.principles import Principles, principles
    from bdv_process.mining.quality import Quality, quality
    from bdv_process.mining.stream_map import stream_map
    from bdv_process.mining.throughput import throughput
    from bdv_process.mining.value_stream import ValueStreams, value_streams
    from bdv_process.picture.diagram import draw
    from bdv_process.picture.process_map import draw_map
    from bdv_process.reading.logs import read
    from bdv_process.report.render import compose, render
    from bdv_process.report.section import Section
    from bdv_process.template.library import shipped as templates
    from bdv_process.template.library import shipped_procedure as procedure
    from bdv_process.template.model import Template
    from bdv_process.template.procedure import Procedure

#: Where each name lives: module, and the name there.
_ROOMS = {
    "Aligned": ("mining.aligned", "Aligned"),
    "BdvError": ("errors", "BdvError"),
    "Calendar": ("mining.calendar", "Calendar"),
    "CaseRegister": ("execution.register", "CaseRegister"),
    "ConformanceReport": ("mining.conformance", "ConformanceReport"),
    "Contrast": ("mining.contrast", "Contrast"),
    "DeviationKind": ("mining.deviation", "DeviationKind"),
    "Drift": ("mining.drift", "Drift"),
    "Event": ("eventlog.event", "Event"),
    "EventLog": ("eventlog.log", "EventLog"),
    "Handovers": ("mining.handover", "Handovers"),
    "Infrastructure": ("execution.infrastructure", "Infrastructure"),
    "Journeys": ("mining.journey", "Journeys"),
    "Lifecycle": ("eventlog.event", "Lifecycle"),
    "LogStore": ("eventlog.store", "LogStore"),
    "Mapping": ("eventlog.mapping", "Mapping"),
    "ObjectLog": ("eventlog.object_log", "ObjectLog"),
    "ObjectMap": ("mining.object_map", "ObjectMap"),
    "Organisation": ("execution.organisation", "Organisation"),
    "Precision": ("mining.precision", "Precision"),
    "Principles": ("mining.principles", "Principles"),
    "Procedure": ("template.procedure", "Procedure"),
    "ProcessMap": ("mining.discovery", "ProcessMap"),
    "Quality": ("mining.quality", "Quality"),
    "Section": ("report.section", "Section"),
    "Template": ("template.model", "Template"),
    "ValueStreams": ("mining.value_stream", "ValueStreams"),
    "align": ("mining.aligned", "aligned"),
    "compose": ("report.render", "compose"),
    "conformance": ("mining.conformance", "conformance"),
    "contrast": ("mining.contrast", "contrast"),
    "discover": ("mining.discovery", "discover"),
    "draw": ("picture.diagram", "draw"),
    "draw_map": ("picture.process_map", "draw_map"),
    "drift": ("mining.drift", "drift"),
    "handovers": ("mining.handover", "handovers"),
    "join": ("eventlog.joining", "join"),
    "journeys": ("mining.journeying", "journeys"),
    "link": ("mining.linking", "link"),
    "object_map": ("mining.object_map", "object_map"),
    "precision": ("mining.precision", "precision"),
    "principles": ("mining.principles", "principles"),
    "procedure": ("template.library", "shipped_procedure"),
    "quality": ("mining.quality", "quality"),
    "read": ("reading.logs", "read"),
    "render": ("report.render", "render"),
    "stream_map": ("mining.stream_map", "stream_map"),
    "synthesise": ("demo.run", "synthesise"),
    "templates": ("template.library", "shipped"),
    "throughput": ("mining.throughput", "throughput"),
    "value_streams": ("mining.value_stream", "value_streams"),
}

__all__ = [
    "Aligned",
    "BdvError",
    "Calendar",
    "CaseRegister",
    "ConformanceReport",
    "Contrast",
    "DeviationKind",
    "Drift",
    "Event",
    "EventLog",
    "Handovers",
    "Infrastructure",
    "Journeys",
    "Lifecycle",
    "LogStore",
    "Mapping",
    "ObjectLog",
    "ObjectMap",
    "Organisation",
    "Precision",
    "Principles",
    "Procedure",
    "ProcessMap",
    "Quality",
    "Section",
    "Template",
    "ValueStreams",
    "align",
    "compose",
    "conformance",
    "contrast",
    "discover",
    "draw",
    "draw_map",
    "drift",
    "handovers",
    "join",
    "journeys",
    "link",
    "object_map",
    "precision",
    "principles",
    "procedure",
    "quality",
    "read",
    "render",
    "stream_map",
    "synthesise",
    "templates",
    "throughput",
    "value_streams",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, there = _ROOMS[name]
    return getattr(import_module(f"{__name__}.{module}"), there)


def __dir__() -> list[str]:
    return __all__
