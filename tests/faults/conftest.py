"""What the tests for faults need: Linux's processes, and for some of them strace."""

import shutil
import sys

import pytest

strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed: system calls are not recorded"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    elsewhere = pytest.mark.skip(reason="processes are copied and harmed as Linux does it")
    for item in items:
        if sys.platform != "linux" and "faults" in item.path.parts:
            item.add_marker(elsewhere)
