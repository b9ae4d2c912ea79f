# SPDX-License-Identifier: GPL-2.0-only
"""A server over a store of real traces, and a headless Chromium that looks at it; what the browser tests share."""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

PROGRAM = os.environ.get("QGREPLAY", "build/qgreplay")
BUILD = Path(os.environ.get("BUILD", "build"))
ROOT = Path(__file__).resolve().parents[2]
TRACES = ROOT / "tests/traces"
SCREENSHOTS = BUILD / "screenshots"
SKIPPED = 77


def skip_unless_possible():
    """One line and exit 77 where there is no browser."""
    try:
        import selenium  # noqa: F401  pylint: disable=unused-import,import-outside-toplevel
    except ImportError:
        print("python3-selenium is not installed")
        sys.exit(SKIPPED)
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            print(f"{program} is not installed")
            sys.exit(SKIPPED)


def fill(store, names):
    subprocess.run([PROGRAM, "import", "--db", str(store), *(str(TRACES / name) for name in names)],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


@contextlib.contextmanager
def served(store, *options):
    """The address of a server over `store`, which is empty when it does not exist."""
    server = subprocess.Popen([PROGRAM, "serve", "--db", str(store), "--listen", "127.0.0.1:0", *options],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        found = re.search(r"https?://\S+", line)
        if not found:
            raise AssertionError(f"the server does not start: {line}{server.stderr.read()}")
        yield found.group(0).rstrip("/")
    finally:
        server.send_signal(signal.SIGTERM)
        server.stdout.close()
        server.stderr.close()
        server.wait(30)


class Browser:
    def __init__(self, url):
        from selenium import webdriver  # pylint: disable=import-outside-toplevel
        from selenium.webdriver.chrome.service import Service  # pylint: disable=import-outside-toplevel

        self.url = url
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--force-device-scale-factor=1", "--hide-scrollbars"):
            options.add_argument(argument)
        options.binary_location = shutil.which("chromium")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(60)
        self.size(1280, 900)

    def quit(self):
        self.driver.quit()

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def scheme(self, name):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": name}]})

    def scripts(self, allowed):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def go(self, path):
        self.driver.get(self.url + path)

    def path(self):
        parts = urlsplit(self.driver.current_url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def text(self, selector="main"):
        return self.find(selector).text

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, what, condition, seconds=60):
        """Asks until it is so; what a page does by itself takes as long as it takes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(Exception):
                found = condition()
                if found:
                    return found
            time.sleep(0.05)
        raise AssertionError(f"{what}: not within {seconds} s, at {self.path()}")

    def complaints(self):
        """What the console said since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    def strangers(self):
        """Addresses asked since the last call that are not the server's."""
        asked = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.add(message["params"]["request"]["url"])
        return sorted(url for url in asked
                      if not url.startswith((self.url + "/", "data:", "about:", "blob:", "chrome:")))

    def shoot(self, name, whole=True):
        """A picture of the whole page into the folder of screenshots."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        import base64  # pylint: disable=import-outside-toplevel
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        options = {"format": "png", "captureBeyondViewport": True}
        if whole:
            options["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", options)
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))

    def too_wide(self):
        """By how many pixels the page is wider than the window: it should scroll in one direction only."""
        return self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")


def axe_source():
    """axe-core, where `make deps` could fetch it; None elsewhere."""
    path = ROOT / "build/axe/package/axe.min.js"
    return path.read_text() if path.exists() else None
