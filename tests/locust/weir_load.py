"""Compares the CSV files of `weir load` with Locust's: column names, and properties that readers rely on."""

import datetime
import subprocess
from types import SimpleNamespace

from locust.stats import PERCENTILES_TO_REPORT, StatsCSVFileWriter, get_readable_percentiles
from program import PATIENCE_S, PROGRAM, Failed, environment
from results import AGGREGATED, read

SCENARIO = """
about = "Streams that succeed, and calls that do not"
[load]
users = 10
run_time = "4s"
warm_up = "1s"
[[user.reader.task]]
name = "a stream, \\"quoted\\""
request = { kind = "openai.chat", model = "steady", prompt = "Hello", max_tokens = 8, stream = true }
[[user.reader.task]]
name = "missing"
request = { kind = "http", method = "GET", path = "/none" }
"""
STREAM = 'a stream, "quoted"'
PERCENTILES = get_readable_percentiles(PERCENTILES_TO_REPORT)


def run(url, folder):
    """Runs a short load against `url` with its report in `folder`; raises `Failed` unless the CSV files match Locust's format."""
    scenario = folder.parent / "weir-load.toml"
    scenario.write_text(SCENARIO)
    began = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    command = [PROGRAM, "load", str(scenario), "--url", url, "--out", str(folder)]
    # Exit code 3: the machine was busy. The files are written nevertheless.
    code = subprocess.run(command, check=False, timeout=PATIENCE_S * 6, env=environment()).returncode
    _need(code in (0, 3), f"weir load ended with {code}")
    ended = datetime.datetime.now(datetime.UTC)
    _heads(folder)
    prefix = folder / "weir"
    stats = {(row["Type"], row["Name"]): row for row in read(prefix, "stats")}
    _stats(stats)
    _history(read(prefix, "stats_history"), stats[AGGREGATED], began, ended)
    _failures(read(prefix, "failures"), stats, began, ended)
    _need(read(prefix, "exceptions") == [], "there are exceptions")


def _heads(folder):
    """The first lines equal those of Locust's writer."""
    reference = folder / "reference"
    writer = StatsCSVFileWriter(SimpleNamespace(), PERCENTILES_TO_REPORT, str(reference))
    writer.close_files()
    expected = {
        "stats": writer.requests_csv_columns,
        "stats_history": writer.stats_history_csv_columns,
        "failures": writer.failures_columns,
        "exceptions": writer.exceptions_columns,
    }
    for kind, columns in expected.items():
        (folder / f"reference_{kind}.csv").unlink()
        data = (folder / f"weir_{kind}.csv").read_bytes()
        _need(data.startswith(",".join(columns).encode() + b"\r\n"), f"weir_{kind}.csv begins with {data[:200]!r}")
        _need(data.count(b"\n") == data.count(b"\r\n"), f"weir_{kind}.csv has lines that end otherwise")


def _stats(stats):
    rows = {("POST", STREAM), ("POST", f"{STREAM} (TTFT)"), ("GET", "missing"), AGGREGATED}
    _need(stats.keys() == rows, f"the rows are {sorted(stats)}")
    for name, row in stats.items():
        percentiles = [int(row[percentile]) for percentile in PERCENTILES]
        _need(percentiles == sorted(percentiles), f"the percentiles of {name} fall: {percentiles}")
        least, median, most = (float(row[f"{which} Response Time"]) for which in ("Min", "Median", "Max"))
        _need(least <= median <= most, f"of {name}, the median is {median}, out of {least} to {most}")
        _need(float(row["Requests/s"]) >= float(row["Failures/s"]), f"{name} fails more often than it is asked")
    parts = [row for name, row in stats.items() if name != AGGREGATED and not name[1].endswith(" (TTFT)")]
    for column in ("Request Count", "Failure Count"):
        total = sum(int(row[column]) for row in parts)
        _need(int(stats[AGGREGATED][column]) == total, f"{column} is {stats[AGGREGATED][column]} in all, not {total}")
    stream, ttft = stats["POST", STREAM], stats["POST", f"{STREAM} (TTFT)"]
    _need(stream["Request Count"] == ttft["Request Count"] != "0", "not every stream has a first token")
    _need(float(ttft["Median Response Time"]) < float(stream["Median Response Time"]), "streams end as they begin")
    _need(stats["GET", "missing"]["Failure Count"] != "0", "what is missing does not fail")


def _history(rows, aggregated, began, ended):
    times = [int(row["Timestamp"]) for row in rows]
    _need(times == list(range(times[0], times[0] + len(times))), f"the timestamps are {times}")
    _need(began.timestamp() <= times[0] and times[-1] <= ended.timestamp() + 1, f"{times} is not when it ran")
    _need({row["Name"] for row in rows} == {"Aggregated"}, "there are rows beside the aggregated ones")
    for row in rows:
        values = [row[percentile] for percentile in PERCENTILES]
        if row["Total Request Count"] == "0":
            _need(set(values) == {"N/A"}, f"percentiles of nothing are {values}")
        else:
            _need(all(value.isdigit() for value in values), f"percentiles are {values}")
    _need(any(float(row["Requests/s"]) > 0 for row in rows), "there never was a request a second")
    _need(max(int(row["User Count"]) for row in rows) == 10, "there never were 10 users")
    # The history counts a request in the second of its end, the statistics in the window of its start.
    total, last = int(aggregated["Request Count"]), int(rows[-1]["Total Request Count"])
    _need(abs(total - last) <= 20, f"the last row counts {last} requests, the statistics {total}")


def _failures(rows, stats, began, ended):
    _need(rows, "there is no failure")
    for row in rows:
        _need((row["Method"], row["Name"]) == ("GET", "missing"), f"{row} fails")
        _need("404" in row["Error"], f"the error is {row['Error']}")
        seen = [datetime.datetime.strptime(row[when], "%Y-%m-%dT%H:%M:%SZ") for when in ("First Seen", "Last Seen")]
        first, last = (when.replace(tzinfo=datetime.UTC) for when in seen)
        _need(began <= first <= last <= ended, f"{row} is not when it ran")
    occurrences = sum(int(row["Occurrences"]) for row in rows)
    _need(occurrences == int(stats["GET", "missing"]["Failure Count"]), f"{occurrences} failures are told")


def _need(condition, otherwise):
    if not condition:
        raise Failed(otherwise)
