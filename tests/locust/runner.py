"""Tests `weir serve` with the Locust suites of the reference systems, and compares CSV files of `weir load` with Locust's: one
server and one short run each."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import weir_load
from program import PATIENCE_S, Failed, serve
from results import AGGREGATED, read
from suites import SUITES

HERE = Path(__file__).parent
# In addition to the run time: for the start and for the last requests.
LOCUST_PATIENCE_S = 60.0
WEIR_LOAD = "weir-load"


def run(suite, prefix):
    """Runs one suite; raises `Failed` if Locust fails, a request failed, or the rows differ from the expected ones."""
    for old in prefix.parent.glob(f"{prefix.name}_*.csv"):
        old.unlink()
    with serve() as url:
        command = [sys.executable, "-m", "locust", "--headless", "--only-summary", "--loglevel", "WARNING"]
        command += ["--locustfile", str(HERE / suite.file), "--host", url, "--csv", str(prefix)]
        command += ["--users", str(suite.users), "--spawn-rate", str(suite.users)]
        command += ["--run-time", f"{suite.run_time_s}s", "--stop-timeout", f"{PATIENCE_S:.0f}"]
        try:
            code = subprocess.run(command, check=False, timeout=suite.run_time_s + LOCUST_PATIENCE_S).returncode
        except subprocess.TimeoutExpired as problem:
            raise Failed("Locust did not end") from problem
    if code != 0:
        raise Failed(f"Locust's exit code is {code}")
    check(read(prefix, "stats"), suite)
    for kind in ("failures", "exceptions"):
        if told := read(prefix, kind):
            raise Failed(f"{prefix.name}_{kind}.csv is not empty: {told[0]}")


def check(stats, suite):
    counts = {(row["Type"], row["Name"]): int(row["Request Count"]) for row in stats if row["Request Count"] != "0"}
    failures = [f"{row['Type']} {row['Name']}" for row in stats if int(row["Failure Count"]) != 0]
    if failures:
        raise Failed(f"failures in {', '.join(failures)}")
    if AGGREGATED not in counts:
        raise Failed("no row is the aggregated one")
    total = counts.pop(AGGREGATED)
    if counts.keys() != suite.rows:
        missing, surplus = sorted(suite.rows - counts.keys()), sorted(counts.keys() - suite.rows)
        raise Failed(f"rows missing: {missing}; rows that were not expected: {surplus}")
    requests = sum(count for (_, name), count in counts.items() if not name.endswith(" (TTFT)"))
    if total != requests:
        raise Failed(f"aggregated are {total} requests, in rows of their own {requests}")
    if suite.requests not in (None, total):
        raise Failed(f"{total} requests, not {suite.requests}")


def main():
    parser = argparse.ArgumentParser(prog="tests/locust/run", description=__doc__)
    runs = [*SUITES, WEIR_LOAD]
    known = f"one of {', '.join(runs)}"
    parser.add_argument("system", nargs="*", metavar="SYSTEM", help=f"{known} [default: all]")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the CSV files go")
    options = parser.parse_args()
    systems = options.system or runs
    if unknown := [system for system in systems if system not in runs]:
        parser.error(f"unknown system {unknown[0]!r}: {known}")
    options.out.mkdir(parents=True, exist_ok=True)
    failed = []
    for system in systems:
        print(f"-- {system}", flush=True)
        began = time.monotonic()
        try:
            if system == WEIR_LOAD:
                with serve() as url:
                    weir_load.run(url, options.out / system)
            else:
                run(SUITES[system], options.out / system)
        except Failed as problem:
            failed.append(system)
            print(f"{system} failed: {problem}", file=sys.stderr, flush=True)
        else:
            print(f"{system} passed in {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
