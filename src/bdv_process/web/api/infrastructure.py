"""The register of managed infrastructure: services, the components they rest on, what changed."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from bdv_process.execution.infrastructure import Component, Infrastructure, Service, Status
from bdv_process.execution.reader import CaseFile
from bdv_process.web.api import shape
from bdv_process.web.api.errand import Errand, Look
from bdv_process.web.infrastructure import MOST, found, readable

router = APIRouter(tags=["infrastructure"])
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["website"])]
_HOW = {"component": "changed", "added": "added", "retired": "retired"}


class ServiceFacts(shape.Shape):
    """A supported facility at a glance."""

    id: str
    name: str
    facility: str
    support: str
    owner: str = Field(description="Role that answers for it.")
    delivered_by: str = Field(description="Key of a workflow, or name of a routine.")
    components: list[str] = Field(description="Ids of what it rests on.")


class ServiceDetail(ServiceFacts):
    """A service with its agreements, and the calls about it that the caller may read."""

    agreements: list[str]
    calls: list[str] = Field(description=f"Ids of cases, latest first, {MOST} at most.")


class ComponentFacts(shape.Shape):
    """A component under control at a glance."""

    id: str
    name: str
    kind: str
    kind_name: str
    owner: str | None = Field(description="Role that answers for it.")
    status: Status


class ComponentChange(shape.Shape):
    """What a change did to a component."""

    occurred: datetime
    change: str = Field(description="changed, added or retired.")
    role: str | None = Field(description="In which it was registered.")
    case: str | None = Field(description="Null when the caller may not read it.")


class ComponentDetail(ComponentFacts):
    """A component with its history, latest first, and the calls that the caller may read."""

    services: list[str] = Field(description="Ids of the services that rest on it.")
    history: list[ComponentChange] = Field(description=f"Latest first, {MOST} at most.")
    calls: list[str] = Field(description=f"Ids of cases, latest first, {MOST} at most.")


class ServicePage(shape.Page):
    """Services, by name."""

    results: list[ServiceFacts]


class ComponentPage(shape.Page):
    """Components, by name."""

    results: list[ComponentFacts]


class Search(shape.Turn):
    """What is looked for."""

    q: Annotated[str, Field(max_length=200)] = Field("", description="Words that it has to have.")


@router.get("/services")
def list_services(look: Look, wanted: Annotated[Search, Query()]) -> ServicePage:
    """List the services, by name."""
    now = look.register.infrastructure
    each = [_service(look, each) for each in found(now.services.values(), wanted.q, now)]
    return ServicePage.of(each, wanted, look.request)


@router.get("/services/{service}")
def show_service(look: Look, service: Id) -> ServiceDetail:
    """Show a service: what it is, what it rests on, and the calls about it."""
    thing = look.register.infrastructure.service(service)
    return ServiceDetail(
        **_service(look, thing).model_dump(),
        agreements=[each.label(look.lang) for each in thing.agreements],
        calls=_calls(look, look.register.calls_about(service=service, most=MOST)),
    )


@router.get("/components")
def list_components(look: Look, wanted: Annotated[Search, Query()]) -> ComponentPage:
    """List the components, by name."""
    now = look.register.infrastructure
    each = [_component(look, each, now) for each in found(now.components.values(), wanted.q, now)]
    return ComponentPage.of(each, wanted, look.request)


@router.get("/components/{component}")
def show_component(look: Look, component: Id) -> ComponentDetail:
    """Show a component: what it is, what changed it, and the calls linked to it."""
    now, history = look.register.infrastructure, look.register.history(component)[:MOST]
    thing = now.component(component)
    may_read = readable(look.register, look.me, {touch.case for touch in history})
    return ComponentDetail(
        **_component(look, thing, now).model_dump(),
        services=[each.id for each in now.serving(component)],
        history=[
            ComponentChange(
                occurred=touch.at,
                change=_HOW[touch.how],
                role=touch.role,
                case=touch.case if touch.case in may_read else None,
            )
            for touch in history
        ],
        calls=_calls(look, look.register.calls_about(component=component, most=MOST)),
    )


def _service(look: Errand, thing: Service) -> ServiceFacts:
    said: dict[str, Any] = {
        name: getattr(thing, name) for name in ("id", "owner", "delivered_by", "components")
    }
    return ServiceFacts(
        **said,
        name=thing.label(look.lang),
        facility=thing.facility.label(look.lang),
        support=thing.support.label(look.lang),
    )


def _component(look: Errand, thing: Component, now: Infrastructure) -> ComponentFacts:
    return ComponentFacts(
        id=thing.id,
        name=thing.label(look.lang),
        kind=thing.kind,
        kind_name=now.kind(thing).label(look.lang),
        owner=thing.owner,
        status=thing.status,
    )


def _calls(look: Errand, calls: list[CaseFile]) -> list[str]:
    latest = [call.id for call in calls]
    may_read = readable(look.register, look.me, latest)
    return [call for call in latest if call in may_read]
