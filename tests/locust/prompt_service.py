"""The suite of the `prompt-service` reference system: prompt analysis with API keys, hourly limits and a cache."""

import random

from locust import between, events, task
from shape import ANYTHING, NUMBER, Mismatch
from suite import SuiteUser, refuse

KEY = "sp_e7f0e18bb662f3bee755f3bd6b7ee0f2f3326a6373025b4954808938da0deb2f"
LIMITED_KEY = "weir-demo-key"
LIMIT_PER_HOUR = 3
CACHED_MEDIAN_MS_MAX = 10
PROMPTS = [
    "Write a poem about a river",
    "Explain how a lock works",
    "Summarise the flood report of last winter",
    "Translate 'weir' into French",
    "Write a function that sorts a list of gauges",
    "Compare canals and railways",
    "List ten facts about salmon",
    "Plan a walk along the Thames",
    "Why does water flow downhill?",
    "Draft a letter to the river authority",
]

ANALYSIS = {"data": {"intent": ANYTHING}, "cached": bool, "latency_ms": NUMBER, "provider": str}
LIMITED = {"error": {"message": str, "details": {"limit": int, "remaining": int, "reset": ANYTHING}}}
REFUSAL = {"error": ANYTHING}
SAME_PROMPT = "/v1/analyze/ (same prompt)"
CACHED = "/v1/analyze/ (cached)"
LIMITED_ROW = "/v1/analyze/ (limited key)"


class PromptUser(SuiteUser):
    """Requests analyses."""

    abstract = True

    def analyze(self, prompt, answers, key=None, cache_ttl=0, name=None):
        body = {"prompt": prompt, "llm_provider": "auto", "temperature": 0.7, "cache_ttl": cache_ttl}
        headers = {} if key is None else {"X-API-Key": key}
        return self.ask("POST", "/v1/analyze/", answers, name=name, headers=headers, json=body)

    def inspect(self, response):
        """Cache hits have a separate row; rejected requests must include the limit."""
        meta = response.request_meta
        if response.status_code == 200 and meta["name"] == SAME_PROMPT and response.json()["cached"]:
            meta["name"] = CACHED
        if response.status_code == 429:
            for name in ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]:
                if not response.headers.get(name):
                    raise Mismatch(f"429 without {name}")


class AnalystUser(PromptUser):
    """Its key is limited to 1 000 requests per hour; 429 beyond that is an expected response."""

    # Most users are of this class, so that even a short run hits the cache.
    weight = 8
    wait_time = between(1, 3)

    @task(10)
    def some_prompt(self):
        self.analyze(random.choice(PROMPTS), {200: ANALYSIS, 429: LIMITED}, key=KEY)

    @task(2)
    def same_prompt(self):
        self.analyze(PROMPTS[0], {200: ANALYSIS, 429: LIMITED}, key=KEY, cache_ttl=3600, name=SAME_PROMPT)

    @task(1)
    def providers(self):
        self.ask("GET", "/v1/analyze/providers", {200: (list, dict), 429: LIMITED}, headers={"X-API-Key": KEY})

    @task(1)
    def cache_stats(self):
        self.ask("GET", "/v1/analyze/cache/stats", {200: dict, 429: LIMITED}, headers={"X-API-Key": KEY})


class RateLimitUser(PromptUser):
    """Exceeds the limit of its key."""

    wait_time = between(0.1, 0.5)

    @task
    def analyze_until_refused(self):
        self.analyze(random.choice(PROMPTS), {200: ANALYSIS, 429: LIMITED}, key=LIMITED_KEY, name=LIMITED_ROW)


class UnauthenticatedUser(PromptUser):
    """Sends no key or an unknown key; 401 is the expected response."""

    wait_time = between(1, 3)

    @task
    def no_key(self):
        self.analyze(PROMPTS[0], {401: REFUSAL}, name="/v1/analyze/ (no key)")

    @task
    def unknown_key(self):
        self.analyze(PROMPTS[0], {401: REFUSAL}, key="sp_unknown", name="/v1/analyze/ (unknown key)")


@events.quitting.add_listener
def limits_and_cache_work(environment, **_):
    entries = environment.stats.entries
    admitted = entries.get((LIMITED_ROW, "POST"))
    if admitted is not None and admitted.num_requests > LIMIT_PER_HOUR:
        refuse(environment, f"{admitted.num_requests} requests passed a limit of {LIMIT_PER_HOUR}")
    cached = entries.get((CACHED, "POST"))
    if cached is not None and cached.median_response_time > CACHED_MEDIAN_MS_MAX:
        refuse(environment, f"median of a cached answer is {cached.median_response_time} ms")
