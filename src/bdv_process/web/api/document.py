"""What the OpenAPI document says beside what the code says: headers and refusals."""

from typing import Any, Final

from bdv_process.web.api.problem import MEDIA_TYPE
from bdv_process.web.api.shape import Problem

PATH: Final = "/openapi.json"
VERSION: Final = "1.0.0"
_CONTACT: Final = {
    "name": "bdv_process",
    "url": "https://example.org/bdv-process",
    "email": "bdv-process@example.org",
}
_TEXT: Final = {"type": "string"}
_VERSION: Final = {
    "API-Version": {"description": "Full version.", "required": True, "schema": _TEXT}
}
_ETAG: Final = {"ETag": {"description": "Of the case, now.", "required": True, "schema": _TEXT}}
_LOCATION: Final = {"Location": {"description": "The case.", "required": True, "schema": _TEXT}}
_RETRY: Final = {
    "Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "string"}}
}
#: Which refusals any operation can give; some only where there is something to refuse.
_ANY: Final = {
    "400": "Invalid: `errors` says what.",
    "401": "Nobody is known.",
    "500": "Something broke here.",
    "503": "The database cannot be reached: try again.",
}
_ABOUT_ONE: Final = {"403": "A rule denies it.", "404": "There is no such thing."}
_COMMAND: Final = {
    "403": "A rule denies it, or the token of the session is missing.",
    "404": "There is no such thing.",
    "409": "Its moment has passed, or the key was used for another command.",
    "412": "Something happened since you looked.",
    "413": "Too large.",
}


def described(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with its headers and refusals; refusals of one kind are said once."""
    document["info"]["contact"] = _CONTACT
    parts = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    parts["schemas"]["Problem"] = Problem.model_json_schema()
    told = _ANY | _ABOUT_ONE | _COMMAND
    parts["responses"] = {f"Refusal{status}": _refusal(status, told[status]) for status in told}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            for parameter in operation.get("parameters", ()):
                _never_null(parameter["schema"])
            answers = operation["responses"]
            answers.pop("422", None)
            for status, answer in answers.items():
                tags = method == "post" or path.endswith(("}", "/events"))
                tags &= path.startswith(("/cases", "/work-items"))
                answer["headers"] = _VERSION | (_ETAG if tags else {})
                answer["headers"] |= _LOCATION if status == "201" else {}
            refusals = _ANY | (_COMMAND if method == "post" else _ABOUT_ONE if "{" in path else {})
            for status in sorted(refusals):
                answers[status] = {"$ref": f"#/components/responses/Refusal{status}"}
    return document


def _refusal(status: str, description: str) -> dict[str, Any]:
    return {
        "description": description,
        "headers": _VERSION | (_RETRY if status == "503" else {}),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _never_null(schema: dict[str, Any]) -> None:
    """A parameter may be left out; there is no way to write that it is null."""
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    for kind in kinds:
        schema |= kind
