"""The interface described for programs: OpenAPI 3.1, made of the table of operations and of the models themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, TypeAdapter

from eyeline.bot.api.operation import Answer, Operation
from eyeline.bot.api.problem import PROBLEM_JSON, Problem
from eyeline.bot.loopback import JSON

_REF = "#/components/schemas/{model}"
_EVERYWHERE = (HTTPStatus.FORBIDDEN,)
_WITH_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
_PARAMETER = re.compile(r"{(\w+)}")


class Document:
    """Collects what is described."""

    def __init__(self) -> None:
        self._schemas: dict[str, Any] = {}

    def of(self, operations: Iterable[Operation]) -> dict[str, Any]:
        """The whole document, as JSON has it."""
        paths: dict[str, dict[str, Any]] = {}
        for operation in operations:
            paths.setdefault(operation.path, {})[operation.method.lower()] = self._operation(operation)
        return {
            "openapi": "3.1.0",
            "info": {"title": "Eyeline", "version": version("eyeline")},
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": self._schemas,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }

    def _operation(self, operation: Operation) -> dict[str, Any]:
        described: dict[str, Any] = {"summary": operation.summary, "responses": self._responses(operation)}
        parameters = _PARAMETER.findall(operation.path)
        if parameters:
            described["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
                for name in parameters
            ]
        content: dict[str, Any] = {}
        if operation.takes is not None:
            content[JSON] = {"schema": self._schema(operation.takes)}
        if operation.takes_form is not None:
            content["multipart/form-data"] = {"schema": operation.takes_form}
        if content:
            described["requestBody"] = {"required": True, "content": content}
        if operation.public:
            described["security"] = []
        return described

    def _responses(self, operation: Operation) -> dict[str, Any]:
        with_body = operation.takes is not None or operation.takes_form is not None
        statuses = {*_EVERYWHERE, *operation.problems, *(_WITH_BODY if with_body else ())}
        if not operation.public:
            statuses.add(HTTPStatus.UNAUTHORIZED)
        problem = {PROBLEM_JSON: {"schema": self._schema(Problem)}}
        described: dict[str, Any] = {
            str(int(status)): {"description": HTTPStatus(status).phrase, "content": problem}
            for status in sorted(statuses)
        }
        return described | {str(status): self._answer(answer) for status, answer in operation.answers.items()}

    def _answer(self, answer: Answer) -> dict[str, Any]:
        described: dict[str, Any] = {"description": answer.what}
        if answer.model is not None:
            described["content"] = {JSON: {"schema": self._schema(answer.model)}}
        elif answer.media_type:
            described["content"] = {answer.media_type: {"schema": {"type": "string"}}}
        if answer.headers:
            described["headers"] = {
                name: {"description": what, "schema": {"type": "string"}} for name, what in answer.headers.items()
            }
        return described

    def _schema(self, model: type[BaseModel] | TypeAdapter[Any]) -> dict[str, Any]:
        adapter = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
        schema = adapter.json_schema(
            ref_template=_REF, mode="validation" if isinstance(model, TypeAdapter) else "serialization"
        )
        self._schemas.update({name: _with_tags(each) for name, each in schema.pop("$defs", {}).items()})
        title = schema.get("title")
        if title is None:
            return schema
        self._schemas[title] = schema
        return {"$ref": _REF.format(model=title)}


def _with_tags(schema: dict[str, Any]) -> dict[str, Any]:
    """What tells a schema from others of its union has to be sent, although each model alone knows it."""
    tags = [name for name, each in schema.get("properties", {}).items() if "const" in each]
    return {**schema, "required": [*tags, *schema.get("required", ())]} if tags else schema
