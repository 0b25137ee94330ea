"""What is installed: `eyeline` and nothing else, with all that it needs."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
NEEDED = {
    "eyeline/bot/static/index.html",
    "eyeline/bot/static/preview.js",
    "eyeline/config/default.toml",
    "eyeline/integrations/jitsi/client.py",
    "eyeline/models/registry.py",
    "eyeline/processing/picture.py",
    "eyeline/processing/py.typed",
}


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel, built from the sdist, and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def test_the_wheel_holds_only_eyeline(distributions: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(distributions[0]).namelist())
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"eyeline"}
    assert names >= NEEDED
    assert "eyeline/__init__.py" not in names
    assert not [name for name in names if "test" in name or "__pycache__" in name]
    assert [name for name in names if name.endswith("licenses/LICENSE")]


def test_the_sdist_holds_the_tests_and_builds(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "Makefile", "tests/test_packaging.py"} <= names


def test_an_installed_wheel_runs(distributions: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target)]
    subprocess.run([*command, str(distributions[0])], check=True, capture_output=True)
    installed = {path.name for path in target.iterdir() if not path.name.endswith(".dist-info")} - {"bin"}
    assert installed == {"eyeline"}
    code = (
        f"import sys; sys.path.insert(0, {str(target)!r}); "
        "from eyeline.config import settings; print(settings.__file__)"
    )
    shown = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path
    ).stdout
    assert shown.startswith(str(target))
