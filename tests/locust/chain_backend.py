"""The suite of the `chain-backend` reference system: chains, LLM calls and streams."""

import random

from locust import between, events, task
from shape import ANYTHING, NUMBER, Items
from suite import SuiteUser, refuse

TEXT_CHAINS = ["summarize_text", "analyze_sentiment", "generate_questions", "extract_entities", "translate_text"]
CONNECTORS = ["gpt4", "claude", "gemini", "llama"]
TEXTS = [
    "The river rose by two metres overnight, and the weir held.",
    "I waited three weeks for the delivery, and the box was empty. Never again!",
    "In 1840 the town of Marlow built a lock beside the old mill; Anna Reed kept it for thirty years.",
    "The new release is quick and pleasant to use, though its manual could be longer.",
]
TTFT_MEDIAN_MS_MAX = 500

RUN = {
    "status": "ok",
    "result": ANYTHING,
    "steps": Items({"name": str, "status": str, "elapsed_ms": NUMBER}, at_least=1),
    "metadata": {"elapsed_ms": NUMBER},
}
# Three independent steps, then a join.
PARALLEL_RUN = {**RUN, "steps": Items({"name": str, "status": str, "elapsed_ms": NUMBER}, at_least=4)}
REPLY = {"text": str, "usage": dict}
REFUSAL = {"error": ANYTHING}
CHAIN_STREAM = "/api/chains/[chain]/stream"


def some_input():
    return {"text": f"{random.choice(TEXTS)} ({random.randrange(10_000)})"}


def some_prompt():
    prompt = f"What holds a river back? Answer {random.randrange(10_000)}."
    return {"prompt": prompt, "temperature": 0.7, "max_tokens": 100}


class DefaultUser(SuiteUser):
    """Mixed requests."""

    wait_time = between(0.5, 2)

    @task(5)
    def chain(self):
        path = f"/api/chains/{random.choice(TEXT_CHAINS)}"
        self.ask("POST", path, {200: RUN}, name="/api/chains/[chain]", json=some_input())

    @task(3)
    def llm(self):
        path = f"/api/llm/{random.choice(CONNECTORS)}"
        self.ask("POST", path, {200: REPLY}, name="/api/llm/[connector]", json=some_prompt())

    @task(2)
    def chain_stream(self):
        path = f"/api/chains/{random.choice(TEXT_CHAINS)}/stream"
        self.stream("GET", path, name=CHAIN_STREAM, params=some_input())

    @task(1)
    def health(self):
        self.ask("GET", "/health", {200: {"status": "ok"}})


class ParallelUser(SuiteUser):
    """Runs three steps in parallel, and checks that this is faster."""

    wait_time = between(1, 3)

    @task
    def parallel_processing(self):
        parallel = {"X-Enable-Parallel": "true"}
        path = "/api/chains/parallel_processing"
        self.ask("POST", path, {200: PARALLEL_RUN}, within_s=5, headers=parallel, json=some_input())


class RapidUser(SuiteUser):
    """Short think times; 429 responses are expected."""

    wait_time = between(0.1, 0.5)

    @task
    def test_chain(self):
        self.ask("POST", "/api/chains/test_chain", {200: RUN, 429: REFUSAL}, json=some_input())


class StreamingUser(SuiteUser):
    """Streams only. The reference suite names no think time, so that of the default user is used."""

    wait_time = between(0.5, 2)

    @task
    def chain_stream(self):
        self.stream("GET", f"/api/chains/{random.choice(TEXT_CHAINS)}/stream", name=CHAIN_STREAM, params=some_input())

    @task
    def posted_chain_stream(self):
        self.stream("POST", f"/api/chains/{random.choice(TEXT_CHAINS)}/stream", name=CHAIN_STREAM, json=some_input())

    @task
    def llm_stream(self):
        path = f"/api/llm/{random.choice(CONNECTORS)}/stream"
        self.stream("POST", path, name="/api/llm/[connector]/stream", json=some_prompt())


@events.quitting.add_listener
def first_tokens_come_soon(environment, **_):
    ttft = environment.stats.entries.get((f"{CHAIN_STREAM} (TTFT)", "GET"))
    if ttft is not None and ttft.median_response_time > TTFT_MEDIAN_MS_MAX:
        refuse(environment, f"median TTFT is {ttft.median_response_time} ms, not {TTFT_MEDIAN_MS_MAX} at most")
