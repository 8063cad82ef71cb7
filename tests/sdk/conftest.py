"""`weir serve` on a free port, for the tests of this folder."""

import json
import os
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import pytest

PROGRAM = os.environ["WEIR_BIN"]
LISTENING = "listening on "
PATIENCE_S = 10.0


class Weir:
    """A running server."""

    def __init__(self, url):
        self.url = url

    def health(self):
        with urllib.request.urlopen(f"{self.url}/health", timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def wait_until_idle(self):
        """Returns when no request is in flight."""
        start = time.monotonic()
        while (busy := self.health()["requests_in_flight"]) != 0:
            assert time.monotonic() - start < PATIENCE_S, f"{busy} requests stay in flight"
            time.sleep(0.02)


@contextmanager
def serve(*arguments):
    """A server that ends with this context or process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    command = [PROGRAM, "serve", "--port", "0", "--until-stdin-closes", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as program:
        try:
            line = program.stdout.readline().strip()
            assert line.startswith(LISTENING), f"the server did not start: {line!r}"
            yield Weir(line.removeprefix(LISTENING))
        finally:
            program.stdin.close()
            program.wait(PATIENCE_S * 2)


@pytest.fixture(scope="session")
def weir():
    """A server with the default settings and time scale 0.1."""
    with serve("--time-scale", "0.1") as server:
        yield server


@pytest.fixture(scope="session")
def guarded(tmp_path_factory):
    """A server that rejects unknown models, with two keys, one of them limited to one request per hour."""
    settings = tmp_path_factory.mktemp("weir") / "weir.toml"
    settings.write_text(
        """
[models]
unknown = "reject"

[admission]
unknown_keys = "reject"

[[key]]
name   = "plenty"
secret = "sk-plenty"

[[key]]
name     = "one"
secret   = "sk-one"
requests = "1/h"
"""
    )
    with serve("--config", str(settings)) as server:
        yield server


@pytest.fixture(scope="session")
def paced(tmp_path_factory):
    """A server with a limit of one request per second and key."""
    settings = tmp_path_factory.mktemp("weir") / "weir.toml"
    settings.write_text("[admission]\nrequests = \"1/s\"\n")
    with serve("--config", str(settings)) as server:
        yield server
