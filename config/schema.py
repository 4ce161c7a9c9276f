"""What the OpenAPI schema says beside the views: refusals, the same for every operation."""

from typing import Any

from config.problems import PROBLEM

REFUSALS = {
    "400": "The input is not acceptable; `errors` says where.",
    "401": "Not signed in.",
    "403": "The post does not allow this.",
    "404": "There is nothing here.",
    "409": "Closed, released, or changed meanwhile; `conflicts` has both values.",
    "413": "The body is too large.",
    "415": "The body is of another type.",
    "422": "Doubtful figures without a reason, or an Idempotency-Key used for something else.",
    "429": "Too many requests; try again after `Retry-After` seconds.",
}
OF_WRITES = {"409", "413", "415", "422"}
SCHEMA = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def document_refusals(result: dict[str, Any], **_named: Any) -> dict[str, Any]:
    """Add to every operation the refusals it may answer with (a drf-spectacular hook)."""
    result["components"]["schemas"]["Problem"] = SCHEMA
    body = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            for status, description in REFUSALS.items():
                if method != "get" or status not in OF_WRITES:
                    answer = {"description": description, "content": body}
                    operation["responses"].setdefault(status, answer)
    return result
