"""The suite of the `agent-connector` reference system: agents that query databases, in SQL and in natural language."""

import random
import uuid

from locust import between, task
from locust.exception import StopUser
from shape import Items
from suite import SuiteUser

ROWS = {"rows": Items(dict)}
QUERIES = [
    "SELECT * FROM users LIMIT 10",
    "SELECT COUNT(*) FROM orders",
    "SELECT id, name FROM products WHERE price > 100",
]
QUESTIONS = ["Show me all users", "How many orders came in last week?", "Which products cost more than 100?"]


class Registered(SuiteUser):
    """Registers an agent and keeps its key."""

    abstract = True

    def on_start(self):
        self.agent_id = f"agent-{uuid.uuid4().hex[:12]}"
        body = {
            "agent_id": self.agent_id,
            "agent_credentials": {"api_key": "key-of-the-agent", "api_secret": "secret-of-the-agent"},
            "database": {"type": "postgresql", "host": "localhost", "port": 5432, "database": "test"},
        }
        registered = {201: {"agent": {"agent_id": self.agent_id}, "api_key": str}}
        answer = self.ask("POST", "/api/agents/register", registered, json=body)
        if answer is None:
            raise StopUser
        self.headers = {"X-API-Key": answer["api_key"]}
        super().on_start()

    def check_health(self):
        self.ask("GET", "/api/health", {200: dict})

    def query(self):
        query = {"query": random.choice(QUERIES)}
        self.ask_agent("POST", "/query", {200: ROWS}, json=query)

    def ask_agent(self, method, what, answers, **request):
        path, row = f"/api/agents/{self.agent_id}{what}", f"/api/agents/[id]{what}"
        self.ask(method, path, answers, name=row, headers=self.headers, **request)


class AgentUser(Registered):
    """Mixed requests, mostly queries."""

    wait_time = between(1, 3)

    @task(3)
    def health(self):
        self.check_health()

    @task(5)
    def get_agent(self):
        self.ask_agent("GET", "", {200: dict})

    @task(2)
    def list_agents(self):
        self.ask("GET", "/api/agents", {200: (list, dict)})

    @task(10)
    def query_in_sql(self):
        self.query()

    @task(8)
    def query_in_words(self):
        question = {"query": random.choice(QUESTIONS)}
        self.ask_agent("POST", "/query/natural", {200: {"sql": str, **ROWS}}, json=question)

    @task(1)
    def cost(self):
        path = "/api/cost/dashboard"
        self.ask("GET", path, {200: dict}, name=path, params={"agent_id": self.agent_id}, headers=self.headers)

    @task(1)
    def failover(self):
        self.ask_agent("GET", "/failover/stats", {200: dict})

    @task(2)
    def graphql(self):
        query = {"query": "query { health { status } }"}
        self.ask("POST", "/graphql", {200: {"data": {"health": {"status": str}}}}, json=query)


class FastUser(Registered):
    """Health checks and queries with short think times."""

    wait_time = between(0.5, 2)

    @task(10)
    def health(self):
        self.check_health()

    @task(5)
    def query_in_sql(self):
        self.query()
