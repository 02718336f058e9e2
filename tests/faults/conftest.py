"""Collects what takes minutes only where minutes were asked for."""

from .common import FULL

# pytest's own list: patterns of files of this folder that it takes as tests, or does not.
collect_ignore_glob = [] if FULL else ["long_*.py"]


def pytest_collect_file(file_path, parent):
    """`long_*.py` beside `test_*.py`; one that is named on the command line is collected by pytest itself."""
    named = parent.session.isinitpath(file_path)
    if FULL and not named and file_path.name.startswith("long_") and file_path.suffix == ".py":
        import pytest

        return pytest.Module.from_parent(parent, path=file_path)
