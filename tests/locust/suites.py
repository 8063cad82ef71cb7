"""The runs of Locust: how many users for how long, and the rows that must come out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """One run. Its rows are (type, name); `requests` is how many there must be where that is known."""

    file: str
    users: int
    run_time_s: int
    rows: frozenset
    requests: int | None = None


def rows(*lines):
    return frozenset(tuple(line.split(" ", 1)) for line in lines)


SUITES = {
    "chain-backend": Suite(
        "chain_backend.py",
        users=20,
        run_time_s=12,
        rows=rows(
            "POST /api/chains/[chain]",
            "POST /api/llm/[connector]",
            "GET /api/chains/[chain]/stream",
            "GET /api/chains/[chain]/stream (TTFT)",
            "GET /health",
            "POST /api/chains/parallel_processing",
            "POST /api/chains/test_chain",
            "POST /api/chains/[chain]/stream",
            "POST /api/chains/[chain]/stream (TTFT)",
            "POST /api/llm/[connector]/stream",
            "POST /api/llm/[connector]/stream (TTFT)",
        ),
    ),
}
