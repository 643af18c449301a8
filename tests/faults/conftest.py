"""What the tests for faults need: Linux's processes, and for some of them strace."""

import os
import shutil
import subprocess
import sys

import pytest


def traces() -> bool:
    """Whether system calls can be recorded: strace is there, and may trace."""
    if shutil.which("strace") is None:
        return False
    return not subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode


strace = pytest.mark.skipif(
    not traces(), reason="strace is not there or may not trace: no system calls are recorded"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    elsewhere = pytest.mark.skip(reason="processes are copied and harmed as Linux does it")
    for item in items:
        if sys.platform != "linux" and "faults" in item.path.parts:
            item.add_marker(elsewhere)
