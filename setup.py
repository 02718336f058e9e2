"""`pip install .`, in an environment that has Odoo 19, gives `odoo.addons.fabloch_*` with every file of every addon."""

from ast import literal_eval
from glob import escape
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).resolve().parent
MANIFESTS = {
    path.parent.name: literal_eval(path.read_text()) for path in sorted(ROOT.glob("fabloch_*/__manifest__.py"))
}
# The addons that Odoo itself lacks, and the packages that bring them. Odoo is not on the index: it must be there.
OCA = {
    name: f"odoo-addon-{name}==19.0.*"
    for name in ("web_timeline", "mis_builder", "queue_job", "date_range", "report_xlsx")
}


def version():
    """The highest of the addons' versions."""
    versions = [manifest["version"] for manifest in MANIFESTS.values()]
    return max(versions, key=lambda text: [int(part) for part in text.split(".")])


def requirements():
    needed = {OCA[name] for manifest in MANIFESTS.values() for name in manifest.get("depends", []) if name in OCA}
    for manifest in MANIFESTS.values():
        needed |= set(manifest.get("external_dependencies", {}).get("python", []))
    return sorted(needed)


def packages():
    """Python packages: each addon and the folders in it that have an __init__.py."""
    folders = (path.parent.relative_to(ROOT) for addon in MANIFESTS for path in (ROOT / addon).rglob("__init__.py"))
    return sorted("odoo.addons." + ".".join(folder.parts) for folder in folders)


def files(addon):
    """Everything in an addon, data, translations and documentation included, as patterns relative to it."""
    paths = (path.relative_to(ROOT / addon) for path in (ROOT / addon).rglob("*") if path.is_file())
    return sorted(escape(str(path)) for path in paths if "__pycache__" not in path.parts)


setup(
    name="fabloch",
    version=version(),
    description="A fablab on Odoo 19 Community: members, machines, partnerships, training, and their money",
    long_description=(ROOT / "README.md").read_text(),
    long_description_content_type="text/markdown",
    author="La FABrique du Loch",
    license="AGPL-3.0-or-later",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    install_requires=requirements(),
    package_dir={f"odoo.addons.{addon}": addon for addon in MANIFESTS},
    packages=packages(),
    package_data={f"odoo.addons.{addon}": files(addon) for addon in MANIFESTS},
    zip_safe=False,
)
