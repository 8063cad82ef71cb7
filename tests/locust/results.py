"""Locust's CSV files, whoever wrote them."""

import csv

# The row of all requests together: its type and its name.
AGGREGATED = ("", "Aggregated")


def read(prefix, kind):
    """The rows of one of the files whose names begin with `prefix`."""
    with open(f"{prefix}_{kind}.csv", newline="") as file:
        return list(csv.DictReader(file, strict=True))
