"""Tab in the other shells, each really running; bash is in test_upkeep.

Where a shell is not installed its test is left out; the gate installs both.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

pytestmark = pytest.mark.usefixtures("clash")

PROGRAM = Path(sys.executable).parent


@pytest.fixture
def environment(clash: str) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{PROGRAM}:{os.environ['PATH']}",
        "LEDGER_DB": str(clash),
        "TERM": "dumb",
    }


def _needs(shell: str) -> str:
    found = shutil.which(shell)
    if found is None:
        if "CI" in os.environ:
            pytest.fail(f"{shell} is not installed, and its completion was not tested")
        pytest.skip(f"{shell} is not installed")
    return found


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("ledger add they-came Jim", "Jim Mattis"),
        ("ledger list --event cl", "clash"),
        ("ledger assess 1 corr", "corroborated"),
        ("claim-ledger list --side den", "denies"),
    ],
)
def test_fish_completes_names_and_words(
    environment: dict[str, str], line: str, wanted: str
) -> None:
    script = f"ledger completion fish | source; complete -C '{line}'"
    ran = subprocess.run(
        [_needs("fish"), "--no-config", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert wanted in [told.split("\t")[0] for told in ran.stdout.splitlines()], ran.stderr


def test_zsh_completes_a_name_with_a_space_as_one_word(
    environment: dict[str, str], tmp_path: Path
) -> None:
    child = pexpect.spawn(
        _needs("zsh"), ["-f", "-i"], env=environment, encoding="utf-8", timeout=60
    )
    child.sendline(
        f"autoload -Uz compinit; compinit -u -d {tmp_path}/zcompdump; "
        "source <(ledger completion zsh); echo lo''aded"
    )
    child.expect("loaded")
    child.send("ledger add they-came Jim\t")
    child.expect_exact("Jim\\ Mattis")
    child.close()
