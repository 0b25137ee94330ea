"""The contract with Zoom's SDK: the real module has it, the double has it, and the bridge uses nothing else."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zoom_lab import used
from zoom_lab.contract import captured_enum, kept
from zoom_lab.double import make_sdk
from zoom_lab.process import TESTS
from zoom_lab.strict import StrictProperty, parameters

from eyeline.integrations.zoom import bridge

CONTRACT = kept()
BRIDGE = sorted(Path(bridge.__path__[0]).glob("*.py"))
HELD_METHODS = {"call", "get", "do", "text", "read", "make", "put", "callbacks", "enum"}

SDK_NAMES = {
    *used.FUNCTIONS,
    *used.ENUMS,
    *used.CALLBACKS,
    *used.CLASSES,
    *(member for members in used.CLASSES.values() for member in members),
    *(name for described in CONTRACT["callbacks"].values() for name in described["keywords"]),
    *(name for described in CONTRACT["enums"].values() for name in described["members"]),
}


def without(path: str) -> list[tuple[Path, ast.Module]]:
    return [(file, ast.parse(file.read_text())) for file in BRIDGE if file.name != path]


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg


@pytest.fixture(scope="module")
def double() -> Any:
    return make_sdk(None)


def test_the_contract_covers_what_is_used() -> None:
    assert tuple(CONTRACT["functions"]) == used.FUNCTIONS
    assert tuple(CONTRACT["enums"]) == used.ENUMS
    assert tuple(CONTRACT["callbacks"]) == used.CALLBACKS
    assert {name: tuple(members) for name, members in CONTRACT["classes"].items()} == used.CLASSES
    assert "null" not in json.dumps(CONTRACT)


def test_the_real_module_keeps_the_contract(real_sdk: None, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zoom_lab.contract"]
    variables = {"HOME": str(tmp_path), "PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout) == CONTRACT


def test_the_double_has_the_functions(double: Any) -> None:
    for name, signature in CONTRACT["functions"].items():
        assert same_parameters(getattr(double, name), signature, skip_self=False)


def test_the_double_has_the_enums(double: Any) -> None:
    for name, described in CONTRACT["enums"].items():
        assert captured_enum(getattr(double, name)) == described


def test_the_double_has_the_callbacks_and_no_others(double: Any) -> None:
    for name, described in CONTRACT["callbacks"].items():
        kind = getattr(double, name)
        made = kind(**dict.fromkeys(described["keywords"], print))
        assert described["base"] in [parent.__name__ for parent in type(made).__mro__]
        with pytest.raises(TypeError):
            kind(onSomethingElseCallback=print)


def test_the_double_has_the_classes_with_their_members_and_no_others(double: Any) -> None:
    for name, members in CONTRACT["classes"].items():
        kind = getattr(double, name)
        assert {member for member in vars(kind) if not member.startswith("_")} == members.keys()
        for member, described in members.items():
            found = vars(kind)[member]
            if described.startswith("property: "):
                assert isinstance(found, StrictProperty)
            else:
                assert same_parameters(found, described, skip_self=True)


def test_what_we_make_ourselves_can_be_made(double: Any) -> None:
    for name in CONTRACT["made_by_us"]:
        assert getattr(double, name)() is not None


def same_parameters(function: Any, signature: str, *, skip_self: bool) -> bool:
    expected, _ = parameters(signature)
    found = list(inspect.signature(function).parameters.values())[1 if skip_self else 0 :]
    assert [one.name for one in found] == [one.name for one in expected], signature
    return [one.default is not inspect.Parameter.empty for one in found] == [one.optional for one in expected]


def test_only_one_module_touches_the_sdk() -> None:
    touched = [
        f"{file.name}:{node.lineno} .{node.attr}"
        for file, tree in without("hold.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in SDK_NAMES and ast.unparse(node) != "begin.join_token"
    ]
    assert touched == []


def test_nothing_goes_around_it() -> None:
    found = [
        f"{file.name}:{node.lineno}"
        for file, tree in without("hold.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in ("getattr", "setattr", "vars", "__import__")
    ]
    assert found == []
    importing = [file.name for file, tree in without("") if "zoom_meeting_sdk" in strings(tree)]
    assert importing == ["__main__.py"]


def test_every_callback_of_the_loop_is_caught() -> None:
    """What the loop calls goes through `safe`, but for what the loop and the control link do themselves."""
    loose = [
        f"{file.name}:{node.lineno}"
        for file, tree in without("hold.py")
        if file.name not in ("glib.py", "control.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("after", "every", "watch")
        and "safe" not in ast.unparse(node.args[1])
    ]
    assert loose == []


def test_everything_that_is_used_is_in_the_contract_and_nothing_in_it_is_unused() -> None:
    asked = set()
    for _, tree in without("hold.py"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in HELD_METHODS:
                asked.update(name for name in strings(node) if name[:1].isupper() and "_" not in name)
    assert len(asked) > 40
    assert asked - {"None"} <= SDK_NAMES
    all_strings = {name for _, tree in without("") for name in strings(tree)}
    needed = {*used.FUNCTIONS, *used.CALLBACKS, *(member for members in used.CLASSES.values() for member in members)}
    assert needed - all_strings == set()


def test_no_callback_is_registered_that_the_wrapper_cannot_call() -> None:
    """A type in quotes is one that it cannot convert: the call would abort the process."""
    unusable = {
        name
        for described in CONTRACT["callbacks"].values()
        for name, taken in described["keywords"].items()
        if "'" in taken
    }
    assert len(unusable) > 10
    assert unusable & {name for _, tree in without("") for name in strings(tree)} == set()
