"""`eyeline models`: the weights on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from eyeline.bot.cli.output import write_json, write_line
from eyeline.bot.cli.progress import download_progress
from eyeline.config.logs import configure_logging
from eyeline.config.settings import load_settings
from eyeline.models.registry import (
    FACE_DETECTION,
    FACE_LANDMARKS,
    IRIS_LANDMARKS,
    MODELS,
    SELFIE_SEGMENTATION,
    SELFIE_SEGMENTATION_LANDSCAPE,
    ModelEntry,
    find_model,
)
from eyeline.models.runtimes.choice import require_torch
from eyeline.models.store import ModelStatus, ModelStore

app = App(name="models", help="Fetch and check the weights of the networks.")

_FACES = FACE_DETECTION, FACE_LANDMARKS, IRIS_LANDMARKS

Name = Annotated[str, Parameter(name="NAME", help="Models; none means all.")]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Write JSON.")]
Directory = Annotated[Path | None, Parameter(help="Where weights are kept, instead of the setting models.directory.")]


@app.command(name="list")
def list_models(*, directory: Directory = None, as_json: AsJson = False) -> None:
    """List all models, with licence and state."""
    store = _store(directory)
    entries = list(MODELS.values())
    if as_json:
        write_json([_described(store, entry) for entry in entries])
        return
    _write_states(store, entries)


@app.command
def fetch(
    *names: Name,
    source: Annotated[
        str | None,
        Parameter(name="--from", help="A file or URL of a wheel or a .tflite, instead of the package index."),
    ] = None,
    offline: Annotated[bool, Parameter(negative="", help="Use no network, whatever is missing.")] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Get the weights that are missing or damaged, and check them."""
    store = _store(directory, offline=offline)
    with download_progress() as report:
        store.fetch(names, report, source=source)
    entries = _entries(names)
    if as_json:
        write_json([_described(store, entry) for entry in entries])
        return
    _write_states(store, entries)


@app.command
def verify(*names: Name, directory: Directory = None, as_json: AsJson = False) -> None:
    """Check that the weights are there and are the registered ones, byte for byte."""
    store = _store(directory)
    entries = _entries(names)
    if as_json:
        write_json([_described(store, entry) for entry in entries])
    else:
        _write_states(store, entries)
    for entry in entries:
        store.path(entry.name)  # raises for the first one that is not ready


@app.command
def export(
    *names: Annotated[str, Parameter(name="NAME", help="Models; none means those that find a person or a face.")],
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Write networks as ONNX beside their weights, for the runtime onnx; needs the extras torch and onnx."""
    store = _store(directory)
    faces = [entry for entry in _FACES if store.status(entry.name) is ModelStatus.READY]
    entries = _entries(names) if names else [SELFIE_SEGMENTATION, SELFIE_SEGMENTATION_LANDSCAPE, *faces]
    written = [_exported(store, entry) for entry in entries]
    if as_json:
        write_json([{"name": entry.name, "path": str(file)} for entry, file in zip(entries, written, strict=True)])
        return
    for file in written:
        write_line(f"{file}  {file.stat().st_size / 1000:.0f} kB")


def _exported(store: ModelStore, entry: ModelEntry) -> Path:
    require_torch("Writing ONNX")
    from eyeline.models.nets.onnx_export import export_to_onnx

    file = store.path(entry.name)
    with store.locked():
        return export_to_onnx(file)


def _store(directory: Path | None, *, offline: bool = False) -> ModelStore:
    settings = load_settings({"models.directory": directory, "models.offline": offline or None}).settings
    configure_logging(settings.log.level)
    return ModelStore.configured(settings.models)


def _entries(names: tuple[str, ...]) -> list[ModelEntry]:
    return [find_model(name) for name in names] or list(MODELS.values())


def _described(store: ModelStore, entry: ModelEntry) -> dict[str, object]:
    status = store.status(entry.name)
    return {
        "name": entry.name,
        "status": status.value,
        "path": str(store.path(entry.name)) if status is ModelStatus.READY else None,
        "sha256": entry.sha256,
        "size_bytes": entry.size_bytes,
        "licence": entry.licence,
        "licence_note": entry.licence_note,
        "input_shape": list(entry.input_shape),
        "input_range": list(entry.input_range),
        "output": entry.output,
        "from": f"{entry.origin.wheel} ({entry.origin.member})",
    }


def _write_states(store: ModelStore, entries: list[ModelEntry]) -> None:
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        status = store.status(entry.name).value
        write_line(f"{entry.name:<{width}}  {status:<7}  {entry.size_bytes / 1000:>5.0f} kB  {entry.licence}")
    write_line(f"in {store.directory}")
