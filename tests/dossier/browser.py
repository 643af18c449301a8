"""A real browser, driven over its debugging pipe: Chromium, headless, and nothing beside it.

Messages are JSON ended by NUL, as `--remote-debugging-pipe` has them: it reads from descriptor 3
and writes to 4 (chromedevtools.github.io/devtools-protocol).
"""

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: What the program may be called.
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

#: Seconds in which an answer must come: the first one is slow on a busy machine.
PATIENCE = 120


def program() -> str | None:
    """The browser that is installed here, if any."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """One page in the browser; `told` is all that it complained of: errors, refusals, dialogues."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._number, self._rest = to, back, 0, b""
        self._session: str | None = None
        self.told: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Log", "Runtime", "Page", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **given: Any) -> Any:
        """Ask for something, and wait for the answer; meanwhile hear what the page says."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": given}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        while (message := self._heard()).get("id") != self._number:
            self._note(message)
        assert "error" not in message, message
        return message["result"]

    def open(self, page: Path, *, width: int, scheme: str = "light") -> None:
        """Load a page, and wait until it is there."""
        self.told.clear()
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        dark = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=dark)
        self.call("Page.navigate", url=page.as_uri())
        while self._note(self._heard()) != "Page.loadEventFired":
            pass
        # What was refused while it loaded is told by the time that a script is answered.
        self.call("Runtime.evaluate", expression="document.readyState")

    def value(self, expression: str) -> Any:
        """What an expression gives in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def _heard(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._back], [], [], max(0, until - time.monotonic()))
            more = os.read(self._back, 1 << 16) if ready else b""
            if not more:
                raise TimeoutError("the browser does not answer")
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def _note(self, message: dict[str, Any]) -> str:
        method, given = message.get("method", ""), message.get("params", {})
        if method == "Log.entryAdded":
            self.told.append(f"{given['entry']['source']}: {given['entry']['text']}")
        elif method in (
            "Runtime.consoleAPICalled",
            "Runtime.exceptionThrown",
            "Page.javascriptDialogOpening",
        ):
            self.told.append(f"{method}: {given}")
        elif method == "Network.requestWillBeSent" and given["type"] != "Document":
            self.told.append(f"it asked for {given['request']['url']}")
        return str(method)


@contextmanager
def browser(home: Path) -> Iterator[Tab]:
    """A tab of a browser that is started, and ended, for it; `home` is an empty folder."""
    name = program()
    assert name is not None
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    options = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--remote-debugging-pipe", f"--user-data-dir={home}", "about:blank",
    ]  # fmt: skip
    piped = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
    started = subprocess.Popen(
        ["bash", "-c", piped, "browser", name, *options],
        pass_fds=(theirs_in, theirs_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Tab(ours_out, ours_in)
    finally:
        os.close(ours_out)  # it ends when its pipe does
        os.close(ours_in)
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
