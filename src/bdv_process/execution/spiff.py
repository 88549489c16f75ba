"""The one door to SpiffWorkflow: a template's tokens, moved by outcomes and triggers.

SpiffWorkflow only moves tokens here. Work items, time, data and persistence are ours, so none of
its serializers, timers, messages or script environments is ever used:

- a fork (call activity) is a task that waits for us: its child case is a case of its own;
- messages and timers are triggers that we fire by element id;
- conditions are compared by `template/condition.py` with the latest outcome of each activity;
- an interrupting event sub-process cancels the main flow here, because SpiffWorkflow 3.2
  parses `isInterrupting` and then ignores it.
"""

from functools import lru_cache
from typing import Any, NoReturn

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EndEventParser,
    EventDefinitionParser,
    IntermediateCatchEventParser,
    IntermediateThrowEventParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    StartEvent,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from bdv_process.errors import IntegrityBroken
from bdv_process.template.condition import compile_condition
from bdv_process.template.model import Kind, Template
from bdv_process.template.xml import safe_xml

_ACTIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_WHOLE_TREE = 1_000_000  # its own iterator stops at depth 1000 and then calls a case completed


class _Trigger(TimerEventDefinition):  # type: ignore[misc]
    """An event we fire ourselves.

    It is a timer to SpiffWorkflow, which then arms event sub-processes when the case starts;
    for a message it would rewire the specification that all cases share.
    """

    def __init__(self, element: str) -> None:
        super().__init__(element, None)

    def has_fired(self, my_task: Any) -> bool:
        return bool(my_task._get_internal_data("event_fired", False))

    def catches(self, my_task: Any, event: Any) -> bool:
        return bool(self == event.event_definition)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Trigger) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class _Waiting(EventDefinitionParser):  # type: ignore[misc]
    """Read a catching event as a trigger, or as nothing when it has no definition."""

    def get_event_definition(self, xpaths: list[str]) -> Any:
        if any(self.xpath(path) for path in xpaths):
            return _Trigger(self.bpmn_id)
        return NoneEventDefinition()


class _Silent(EventDefinitionParser):  # type: ignore[misc]
    """Read a throwing event as a node that is passed: what is sent is our event, not its."""

    def get_event_definition(self, _xpaths: list[str]) -> Any:
        return NoneEventDefinition()


class _Start(_Waiting, StartEventParser):  # type: ignore[misc]
    pass


class _Catch(_Waiting, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _Boundary(_Waiting, BoundaryEventParser):  # type: ignore[misc]
    pass


class _Throw(_Silent, IntermediateThrowEventParser):  # type: ignore[misc]
    pass


class _End(_Silent, EndEventParser):  # type: ignore[misc]
    pass


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - SpiffWorkflow's extension point
        full_tag("startEvent"): (_Start, StartEvent),
        full_tag("intermediateCatchEvent"): (_Catch, IntermediateCatchEvent),
        full_tag("boundaryEvent"): (_Boundary, BoundaryEvent),
        full_tag("intermediateThrowEvent"): (_Throw, IntermediateThrowEvent),
        full_tag("endEvent"): (_End, EndEvent),
        full_tag("callActivity"): (TaskParser, UserTask),
    }


class _Outcomes(PythonScriptEngine):  # type: ignore[misc]
    """Compare outcomes; run nothing. Task data stays empty: SpiffWorkflow copies and merges it."""

    def __init__(self) -> None:
        super().__init__()
        self.latest: dict[str, str] = {}

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        return compile_condition(expression).holds(self.latest)

    def execute(self, task: Any, script: str, external_context: Any = None) -> NoReturn:
        raise PermissionError(script)

    def call_service(self, task: Any, **_: Any) -> NoReturn:
        raise PermissionError(str(task))


class _Instance(BpmnWorkflow):  # type: ignore[misc]
    def get_tasks_iterator(self, first_task: Any = None, **kwargs: Any) -> Any:
        return super().get_tasks_iterator(first_task, max_depth=_WHOLE_TREE, **kwargs)

    def update_waiting_tasks(self) -> None:
        for task in [task for task in self.tasks.values() if task.state == TaskState.WAITING]:
            task.task_spec._update(task)


@lru_cache(maxsize=64)
def _specification(version: str, source: bytes, key: str) -> tuple[Any, dict[str, Any]]:
    parser = _Parser()
    parser.add_bpmn_xml(safe_xml(source, key), filename=key)
    return parser.get_spec(key), parser.get_subprocess_specs(key)


class Tokens:
    """The tokens of one case; rebuilt from the case's own events, never stored."""

    def __init__(self, template: Template) -> None:
        specification, inner = _specification(template.version, template.source, template.key)
        self._template = template
        self._outcomes = _Outcomes()
        self._flow = _Instance(specification, inner, script_engine=self._outcomes)
        self.ended: str | None = None  #: end event that ended the case
        self.passed = self._advance()  #: nodes passed by the latest move, in order

    @property
    def ready(self) -> tuple[str, ...]:
        """Return the activities that wait for work, forks included."""
        if self.ended:
            return ()
        return tuple(
            task.task_spec.bpmn_id for task in self._tasks(TaskState.READY) if task.task_spec.manual
        )

    @property
    def awaited(self) -> frozenset[str]:
        """Return the messages and timers that would be caught now."""
        if self.ended:
            return frozenset()
        definitions: list[Any] = []
        for task in self._flow.event_manager.tasks.values():
            definition = task.task_spec.event_definition
            definitions += getattr(definition, "event_definitions", None) or [definition]
        return frozenset(definition.name for definition in definitions)

    def outcome(self, activity: str) -> str | None:
        """Return how an activity ended when it was done last; None when it never was."""
        return self._outcomes.latest.get(activity)

    def complete(self, activity: str, outcome: str | None) -> None:
        """Move the token that waits at `activity`."""
        task = next(
            (
                task
                for task in self._tasks(TaskState.READY)
                if task.task_spec.bpmn_id == activity and task.task_spec.manual
            ),
            None,
        )
        if task is None or self.ended:
            raise IntegrityBroken("BDV-327", where=self._template.key, element=activity)
        if outcome is not None:
            self._outcomes.latest[activity] = outcome
        try:
            task.run()
            self.passed = self._advance()
        except WorkflowException as error:  # no way leads on from this outcome
            step = self._template.activity(activity)
            raise IntegrityBroken(
                "BDV-327", where=self._template.key, element=f"{activity} = {outcome}",
                expected=", ".join(each.id for each in step.outcomes) or "-",
            ) from error  # fmt: skip

    def fire(self, element: str) -> None:
        """Let the message or timer `element` happen."""
        if element not in self.awaited:
            raise IntegrityBroken("BDV-327", where=self._template.key, element=element)
        node = self._template.by_id[element]
        if node.kind is Kind.START and node.interrupting:
            for task in self._tasks(_ACTIVE):
                if task.workflow is self._flow and task.task_spec.bpmn_id != node.scope:
                    task.cancel()
        self._flow.send_event(BpmnEvent(_Trigger(element)))
        self.passed = self._advance()

    def _tasks(self, state: int) -> list[Any]:
        flows = (self._flow, *self._flow.subprocesses.values())
        return [task for flow in flows for task in flow.tasks.values() if task.state & state]

    def _advance(self) -> tuple[str, ...]:
        """Run what needs no person until all tokens wait; return the nodes passed.

        Its own loop (`do_engine_steps`) does the same at three times the cost: it walks the tree
        of tasks from the root, for every sub-process, in every round.
        """
        passed: list[str] = []
        while automatic := [t for t in self._tasks(TaskState.READY) if not t.task_spec.manual]:
            for task in automatic:
                task.run()
                passed.append(task.task_spec.bpmn_id or "")
            for inner in {task.workflow for task in automatic} - {self._flow}:
                outer = self._flow.get_task_from_id(inner.parent_task_id)
                outer.task_spec._update(outer)
        nodes = [self._template.by_id[element] for element in passed if element]
        ends = [node.id for node in nodes if node.kind is Kind.END and node.case_outcome]
        if ends and not self._main_flow_open():
            self.ended = ends[-1]
        return tuple(node.id for node in nodes)

    def _main_flow_open(self) -> bool:
        """Return whether a token is left outside the event sub-processes, which end with it."""
        for task in self._flow.tasks.values():
            node = self._template.by_id.get(task.task_spec.bpmn_id or "")
            if task.state & _ACTIVE and node is not None and not node.triggered_by_event:
                return True
        return False
