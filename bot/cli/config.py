"""`eyeline config`: what is set, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from eyeline.bot.cli.output import write_json, write_line
from eyeline.config.paths import whole_path
from eyeline.config.settings import LoadedSettings, load_settings, project_file_path, user_file_path

app = App(name="config", help="Show settings and where they come from.")

AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Write JSON.")]
ConfigFile = Annotated[Path | None, Parameter(name="--config", help="Settings file instead of ./eyeline.toml.")]


@app.command
def show(
    *,
    origin: Annotated[bool, Parameter(negative="", help="Also tell where each value was written.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show every setting as it is in force here. Secrets are masked."""
    loaded = load_settings(project_file=config)
    if as_json:
        write_json(_as_json(loaded, origin=origin))
        return
    for key, value in loaded.masked().items():
        where = f"  # {loaded.origins[key]}" if origin and key in loaded.origins else ""
        write_line(f"{key} = {_toml(value)}{where}")


@app.command
def path(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show where settings files are looked for; the later one wins."""
    project = whole_path(config).absolute() if config else project_file_path()
    files = {"user": user_file_path(), "project": project}
    if as_json:
        write_json([{"kind": kind, "path": str(file), "exists": file.is_file()} for kind, file in files.items()])
        return
    for kind, file in files.items():
        write_line(f"{kind:<7}  {file}{'' if file.is_file() else '  (not there)'}")


def _as_json(loaded: LoadedSettings, *, origin: bool) -> dict[str, object]:
    masked = loaded.masked()
    if not origin:
        return {**masked}
    return {
        key: {"value": value, "origin": str(loaded.origins[key]) if key in loaded.origins else None}
        for key, value in masked.items()
    }


def _toml(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
