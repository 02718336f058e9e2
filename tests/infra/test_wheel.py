"""`pip install .` loses nothing: the wheel, installed where nothing else is, holds every file of every addon."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import databases
import pytest


def run(*command, **options):
    process = subprocess.run(command, capture_output=True, text=True, **options)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def tracked():
    """The files of the addons that the repository holds."""
    names = run("git", "ls-files", "-z", *databases.addons(), cwd=databases.ROOT).split("\0")
    return [name for name in names if name and (databases.ROOT / name).is_file()]


@pytest.fixture(scope="module")
def installed(tracked, tmp_path_factory):
    """A new environment with the wheel alone; gives its Python and its site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in [*tracked, "setup.py", "pyproject.toml", "README.md", "LICENSE"]:
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(databases.ROOT / name, folder / "source" / name)
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, folder / "source")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", *folder.glob("fabloch-*.whl"))
    return python, Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())


def test_every_file_is_installed_unchanged(tracked, installed):
    addons = installed[1] / "odoo" / "addons"
    assert tracked
    missing = [name for name in tracked if not (addons / name).is_file()]
    assert not missing
    changed = [name for name in tracked if (addons / name).read_bytes() != (databases.ROOT / name).read_bytes()]
    assert not changed


def test_nothing_else_is_installed(tracked, installed):
    odoo = installed[1] / "odoo"
    found = {
        str(path.relative_to(odoo / "addons")) for path in odoo.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    assert found == set(tracked)


def test_the_addons_are_imported_beside_odoo(installed):
    python, site = installed
    here = Path(sysconfig.get_path("purelib"))
    (site / "odoo.pth").write_text(f"{here}\n{(here / 'odoo.pth').read_text()}")
    for addon in databases.addons():
        code = f"import odoo.init, odoo.addons.{addon} as addon; print(addon.__file__)"
        assert run(python, "-c", code).strip().startswith(str(site))


def test_the_metadata_names_licence_version_and_requirements(installed):
    [info] = installed[1].glob("fabloch-*.dist-info")
    metadata = (info / "METADATA").read_text()
    assert "AGPL-3.0-or-later" in metadata
    assert info.name.startswith("fabloch-19.0.")
    needs_timeline = any("web_timeline" in manifest["depends"] for manifest in databases.addons().values())
    assert ("odoo-addon-web_timeline" in metadata) == needs_timeline
