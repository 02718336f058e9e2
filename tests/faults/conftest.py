"""Collects what takes minutes only where minutes were asked for."""

from .common import FULL

# pytest's own list: patterns of files of this folder that it takes as tests, or does not.
collect_ignore_glob = [] if FULL else ["long_*.py"]


def pytest_collect_file(file_path, parent):
    """`long_*.py` beside `test_*.py`."""
    if FULL and file_path.name.startswith("long_") and file_path.suffix == ".py":
        import pytest

        return pytest.Module.from_parent(parent, path=file_path)
