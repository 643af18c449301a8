"""A real browser at a served ledger: Debian's Chromium, headless, driven by Playwright.

It hears all that a page complains of or reaches for. Playwright brings no browser of its own here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from tests.dossier.browser import PATIENCE, program

#: Why no browser has seen the pages.
NONE = "NOT TESTED IN A BROWSER: there is no chromium here; apt-get install chromium"


class Reader:
    """A page in the browser; `told` is all it complained of, asked elsewhere for, or opened."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address.rstrip("/")
        self.told: list[str] = []
        here = urlsplit(address).netloc
        page.on("console", lambda said: self.told.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.told.append(f"error: {error}"))
        page.on("dialog", self._dismiss)
        page.on("popup", lambda other: self.told.append(f"a window: {other.url}"))
        page.on("request", lambda asked: self._asked(asked.url, here))

    def _dismiss(self, dialog: Dialog) -> None:
        self.told.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str, here: str) -> None:
        if urlsplit(url).netloc != here:
            self.told.append(f"it asked for {url}")

    def open(self, path: str, status: int = 200) -> None:
        """Load a page of the ledger; what it complains of is heard from here on."""
        self.told.clear()
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == status, path

    @property
    def scrolls_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def violations(self, *rules: str) -> list[str]:
        """What axe-core holds against the page, by all rules or by some: rule and element."""
        axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
        self.page.evaluate(axe)
        only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
        found: Any = self.page.evaluate("only => axe.run(only)", only)
        return [
            f"{each['id']}: {node['html']} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]


@contextmanager
def a_browser() -> Iterator[Browser]:
    """A browser; the test is skipped, loudly, where there is none. CI does not pass without."""
    name = program()
    if name is None:
        if "CI" in os.environ:
            pytest.fail(NONE)
        pytest.skip(NONE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=name, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@contextmanager
def reading(browser: Browser, address: str) -> Iterator[Reader]:
    """Somebody who reads the ledger at an address."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE * 1_000)
        yield Reader(context.new_page(), address)
