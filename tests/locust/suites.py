"""The Locust runs: number of users, duration and expected rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """One run. Its rows are (type, name); `requests` is the expected number, if known."""

    file: str
    users: int
    run_time_s: int
    rows: frozenset
    requests: int | None = None


def rows(*lines):
    return frozenset(tuple(line.split(" ", 1)) for line in lines)


AGENT_CONNECTOR = rows(
    "POST /api/agents/register",
    "GET /api/health",
    "GET /api/agents",
    "GET /api/agents/[id]",
    "POST /api/agents/[id]/query",
    "POST /api/agents/[id]/query/natural",
    "GET /api/cost/dashboard",
    "GET /api/agents/[id]/failover/stats",
    "POST /graphql",
)

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
    "agent-connector": Suite("agent_connector.py", users=20, run_time_s=12, rows=AGENT_CONNECTOR),
    # 1 000 requests plus the registrations of 100 users. It stops by itself.
    "agent-connector-fixed": Suite(
        "agent_connector_fixed.py", users=100, run_time_s=60, rows=AGENT_CONNECTOR, requests=1_100
    ),
    "agent-workflows": Suite(
        "agent_workflows.py",
        users=20,
        run_time_s=12,
        rows=rows(
            "POST /api/v1/auth/token",
            "GET /api/v1/agents",
            "GET /api/v1/agents/[id]",
            "POST /api/v1/agents/run",
            "POST /api/v1/agents/run (complex)",
            "POST /api/v1/agents/run (tools)",
            "GET /api/v1/workflows",
            "POST /api/v1/workflows/run",
            "GET /health",
        ),
    ),
    "prompt-service": Suite(
        "prompt_service.py",
        users=40,
        run_time_s=12,
        rows=rows(
            "POST /v1/analyze/",
            "POST /v1/analyze/ (same prompt)",
            "POST /v1/analyze/ (cached)",
            "GET /v1/analyze/providers",
            "GET /v1/analyze/cache/stats",
            "POST /v1/analyze/ (limited key)",
            "POST /v1/analyze/ (limited key) (429)",
            "POST /v1/analyze/ (no key)",
            "POST /v1/analyze/ (unknown key)",
        ),
    ),
    "workflow-observability": Suite(
        "workflow_observability.py",
        users=10,
        run_time_s=12,
        rows=rows(
            "POST /api/v1/workflows/execute (on)",
            "POST /api/v1/workflows/execute (off)",
            "GET /api/v1/observability/queue-stats",
            "GET /api/v1/observability/metrics",
            "GET /api/v1/observability/errors",
        ),
    ),
}
