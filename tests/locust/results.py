"""Reads CSV files in Locust's format."""

import csv

# The row of all requests: type and name.
AGGREGATED = ("", "Aggregated")


def read(prefix, kind):
    """The rows of one of the files whose names begin with `prefix`."""
    with open(f"{prefix}_{kind}.csv", newline="") as file:
        return list(csv.DictReader(file, strict=True))
