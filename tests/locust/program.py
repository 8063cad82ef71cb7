"""The program under test."""

import os
import subprocess
from contextlib import contextmanager

PROGRAM = os.environ["WEIR_BIN"]
LISTENING = "listening on "
PATIENCE_S = 10.0


class Failed(Exception):
    """A run does not meet its expectations."""


def environment():
    """The environment of child processes: only PATH and HOME are inherited."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@contextmanager
def serve():
    """A server with the defaults, on a free port; yields its URL. It ends with this context or process."""
    command = [PROGRAM, "serve", "--port", "0", "--until-stdin-closes"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment()) as program:
        try:
            line = program.stdout.readline().strip()
            if not line.startswith(LISTENING):
                raise Failed(f"the server did not start: {line!r}")
            yield line.removeprefix(LISTENING)
        finally:
            program.stdin.close()
            program.wait(PATIENCE_S * 2)
