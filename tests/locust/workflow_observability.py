"""The suite of the `workflow-observability` reference system: workflows with observability on and off."""

from locust import between, events, task
from suite import SuiteUser, refuse

P95_MS_MAX = 150
OVERHEAD_P95_MS_MAX = 150
EXECUTE = "/api/v1/workflows/execute"
ON, OFF = f"{EXECUTE} (on)", f"{EXECUTE} (off)"
RUN = {200: dict, 201: dict, 202: dict}


class WorkflowUser(SuiteUser):
    """Runs workflows, half of them with observability, and reads the resulting statistics.

    The system's own load is a script for another tool and says nothing of weights and thinking.
    """

    wait_time = between(0.1, 0.5)

    def execute(self, switch, row):
        body = {"workflowId": "customer-support", "input": {"message": "Where is my parcel?"}}
        self.ask("POST", EXECUTE, RUN, name=row, headers={"X-Enable-Observability": switch}, json=body)

    @task(10)
    def with_observability(self):
        self.execute("true", ON)

    @task(10)
    def without_observability(self):
        self.execute("false", OFF)

    @task(1)
    def queue_stats(self):
        self.ask("GET", "/api/v1/observability/queue-stats", {200: dict})

    @task(1)
    def metrics(self):
        self.ask("GET", "/api/v1/observability/metrics", {200: dict})

    @task(1)
    def errors(self):
        self.ask("GET", "/api/v1/observability/errors", {200: (list, dict)})


@events.quitting.add_listener
def overhead_is_small(environment, **_):
    entries = environment.stats.entries
    on, off = entries.get((ON, "POST")), entries.get((OFF, "POST"))
    if on is None or off is None:
        return
    p95_on, p95_off = (entry.get_response_time_percentile(0.95) for entry in (on, off))
    if p95_on >= P95_MS_MAX:
        refuse(environment, f"p95 is {p95_on} ms with observability, not below {P95_MS_MAX}")
    if p95_on - p95_off >= OVERHEAD_P95_MS_MAX:
        refuse(environment, f"observability adds {p95_on - p95_off} ms to p95, not below {OVERHEAD_P95_MS_MAX}")
