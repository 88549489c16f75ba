"""The workflows: their steps, who does them, and how many cases run."""

from typing import Annotated

from fastapi import APIRouter, Path

from bdv_process.template.model import Activity, Fork, Template
from bdv_process.web.api.errand import Errand, Look
from bdv_process.web.api.shape import Step, Workflow, WorkflowDetail, WorkflowList

router = APIRouter(prefix="/workflows", tags=["workflows"])
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["W5"])]


@router.get("")
def list_workflows(look: Look) -> WorkflowList:
    """List the workflows, with how many cases of each are open and closed."""
    counts = look.register.counts()
    found = [_workflow(look, each, counts) for each in look.register.templates()]
    return WorkflowList(results=found)


@router.get("/{key}")
def show_workflow(look: Look, key: Key) -> WorkflowDetail:
    """Show a workflow: its steps, and who does them."""
    template = look.register.template(key)
    steps = [_step(look, activity) for activity in template.activities]
    facts = _workflow(look, template, look.register.counts())
    return WorkflowDetail(**facts.model_dump(), steps=steps)


def _workflow(look: Errand, template: Template, counts: dict[str, tuple[int, int]]) -> Workflow:
    running, closed = counts.get(template.key, (0, 0))
    return Workflow(
        id=template.key,
        name=template.label(look.lang),
        call=template.called(look.lang),
        proactive=template.proactive,
        version=template.version,
        open=running,
        closed=closed,
    )


def _step(look: Errand, activity: Activity) -> Step:
    raci = look.register.procedure.raci.get(activity.id)
    return Step(
        id=activity.id,
        name=activity.label(look.lang),
        responsible=list(raci.responsible) if raci else [],
        accountable=raci.accountable if raci else None,
        outcomes=look.endings(activity),
        calls=activity.calls if isinstance(activity, Fork) else None,
    )
