"""Fixtures: a server, a load with its web page, and a browser."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver

PROGRAM = os.environ["WEIR_BIN"]
SCREENSHOTS = Path(os.environ["WEIR_SCREENSHOTS"])
PATIENCE_S = 20.0


@contextmanager
def started(arguments, says, **options):
    """Starts the program; yields the text after `says` in its output. Terminates it at the end of the context."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    with subprocess.Popen([PROGRAM, *arguments], text=True, env=environment, **options) as program:
        try:
            stream = program.stdout or program.stderr
            line = stream.readline().strip()
            assert line.startswith(says), f"it did not start: {line!r}"
            yield line.removeprefix(says)
        finally:
            program.terminate()
            program.communicate(timeout=PATIENCE_S)


@pytest.fixture(scope="session")
def target():
    """A server with time scale 0.1."""
    arguments = ["serve", "--port", "0", "--time-scale", "0.1"]
    with started(arguments, "listening on ", stdout=subprocess.PIPE) as url:
        yield url


@pytest.fixture
def page(target, tmp_path):
    """The address of the page of a load that has not been started; its reports go to `tmp_path / "out"`."""
    arguments = ["load", "chat-streaming", "--url", target, "--web", "127.0.0.1:0", "--out", str(tmp_path / "out")]
    with started(arguments, "page: ", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as url:
        yield url


@pytest.fixture
def browser(tmp_path):
    """Headless Chromium, 1 280 pixels wide."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,1500"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    preferences = {"download.default_directory": str(tmp_path / "downloads")}
    options.add_experimental_option("prefs", preferences)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options, service)
    try:
        yield driver
    finally:
        driver.quit()
