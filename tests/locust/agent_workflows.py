"""The suite of the `agent-workflows` reference system: agents and multi-agent workflows."""

import random

from locust import between, task
from locust.exception import StopUser
from shape import NUMBER
from suite import SuiteUser

AGENTS = ["coder", "architect", "tester", "reviewer", "documenter"]
WORKFLOWS = ["feature_development", "code_review", "bugfix"]
API_KEY = "test-api-key"

LISTED = {200: (list, dict)}
AGENT_RUN = {200: {"status": "success"}}
WORKFLOW_RUN = {200: {"status": str, "execution_time_seconds": NUMBER}}


class WithToken(SuiteUser):
    """Signs in first."""

    abstract = True

    def on_start(self):
        body = {"username": f"user-{random.randrange(1_000)}", "password": "password"}
        signed_in = {200: {"access_token": str, "token_type": "bearer"}}
        answer = self.ask("POST", "/api/v1/auth/token", signed_in, json=body)
        if answer is None:
            raise StopUser
        self.headers = {"Authorization": f"Bearer {answer['access_token']}"}
        super().on_start()


class WithKey(SuiteUser):
    """Uses an API key from the server's configuration."""

    abstract = True

    def on_start(self):
        self.headers = {"Authorization": f"Bearer {API_KEY}"}
        super().on_start()


def run_agent(user, task, kind="", **more):
    body = {"agent_id": random.choice(AGENTS), "task": task, "model": "gpt-4", "temperature": 0.7, **more}
    row = f"/api/v1/agents/run{kind}"
    user.ask("POST", "/api/v1/agents/run", AGENT_RUN, name=row, within_s=5, headers=user.headers, json=body)


def run_workflow(user, workflow):
    body = {"workflow_id": workflow, "inputs": {"description": "Add a lock to the weir", "language": "rust"}}
    user.ask("POST", "/api/v1/workflows/run", WORKFLOW_RUN, within_s=30, headers=user.headers, json=body)


class MixedUser(WithToken):
    """Browses more than it runs agents."""

    wait_time = between(1, 5)

    @task(40)
    def list_agents(self):
        self.ask("GET", "/api/v1/agents", LISTED, within_s=0.5, headers=self.headers)

    @task(30)
    def agent_details(self):
        path = f"/api/v1/agents/{random.choice(AGENTS)}"
        self.ask("GET", path, {200: dict}, name="/api/v1/agents/[id]", within_s=1, headers=self.headers)

    @task(20)
    def quick_agent(self):
        run_agent(self, "Write a function that adds two numbers")

    @task(8)
    def workflow(self):
        run_workflow(self, random.choice(WORKFLOWS))

    # Both tasks share a weight of 2: each suite of the system has one of them.
    @task(1)
    def list_workflows(self):
        self.ask("GET", "/api/v1/workflows", LISTED, headers=self.headers)

    @task(1)
    def health(self):
        self.ask("GET", "/health", {200: dict}, within_s=0.2)


class SingleAgentUser(WithKey):
    """Runs agents only."""

    wait_time = between(1, 5)

    @task(10)
    def simple(self):
        run_agent(self, "Write a function that adds two numbers")

    @task(5)
    def complex(self):
        run_agent(
            self,
            "Design a service that plans the gates of forty weirs: its data model, its interfaces, how it fails and "
            "recovers, how it is deployed, and which tests show that it works; then compare two ways to build it",
            kind=" (complex)",
        )

    @task(3)
    def with_tools(self):
        run_agent(self, "Find the slowest test and say why", kind=" (tools)", tools=["search", "execute"])


class WorkflowUser(WithKey):
    """Runs workflows only."""

    wait_time = between(1, 5)

    @task(10)
    def feature_development(self):
        run_workflow(self, "feature_development")

    @task(5)
    def code_review(self):
        run_workflow(self, "code_review")
