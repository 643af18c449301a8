"""What docs/ and README say is what the program does."""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ledger.cli import cli

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_generated_pages_are_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr


def _steps(page: str) -> list[tuple[str, str]]:
    """Each `$ command` of the page's console blocks with the output printed under it."""
    steps = []
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines(keepends=True)
            taken = 1
            while lines[taken - 1].endswith("\\\n"):
                taken += 1
            steps.append(("".join(lines[:taken]), "".join(lines[taken:])))
    return steps


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the shipped ledger, as the reader of README has it."""
    shutil.copy(ROOT / "ledger.db", tmp_path / "ledger.db")
    return tmp_path


def test_readme_prints_what_it_says(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every console block, run in order as one sitting; `...` in it stands for anything."""
    steps = _steps((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(steps) >= 10
    checker = doctest.OutputChecker()
    monkeypatch.chdir(desk)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LEDGER_ANALYST", "maria")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("LEDGER_DB", raising=False)
    for place, (command, expected) in enumerate(steps):
        printed = _printed(command, by_shell=place == 0)
        assert checker.check_output(expected, printed, doctest.ELLIPSIS), (
            f"$ {command}printed\n{printed}\nand README says\n{expected}"
        )


def _printed(command: str, *, by_shell: bool) -> str:
    """What a command prints: by the shell, or where it is ours alone in this process.

    To start the program takes longer than most of what it does.
    """
    lexer = shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    ours = words[0] == "ledger" and not any(set(word) <= set("();<>|&") for word in words)
    if ours and not by_shell:
        return CliRunner().invoke(cli, words[1:], prog_name="ledger").output
    return subprocess.run(
        command,
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    ).stdout


def test_readme_runs_in_a_notebook(desk: Path) -> None:
    (block,) = re.findall(
        r"^```python\n(.*?)^```$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", block], cwd=desk, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert "russians-killed" in ran.stdout


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page}: {target}"
