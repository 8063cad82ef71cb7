"""How the providers' own SDKs back off from limits: with their own retries, all calls succeed."""

import time
from concurrent.futures import ThreadPoolExecutor

import anthropic
import openai
import pytest
from conftest import serve

MESSAGES = [{"role": "user", "content": "How deep is the river?"}]
CALLS = 8
RETRIES = 8


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """A server whose keys have small limits of requests and tokens."""
    settings = tmp_path_factory.mktemp("weir") / "weir.toml"
    settings.write_text(
        """
[tier.requests]
requests = { amount = "3/s", algorithm = "sliding_window" }

[tier.tokens]
requests      = "100/s"
tokens        = "200/s"
input_tokens  = "150/s"
output_tokens = { amount = "100/s", algorithm = "fixed_window" }

[admission]
unknown_keys = "reject"

[[key]]
name   = "requests"
secret = "sk-requests"
tier   = "requests"

[[key]]
name   = "tokens"
secret = "sk-tokens"
tier   = "tokens"
"""
    )
    with serve("--config", str(settings)) as server:
        yield server


def openai_call(server, key):
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=RETRIES, timeout=30)
    return lambda: client.chat.completions.create(model="instant", messages=MESSAGES, max_tokens=40)


def anthropic_call(server, key):
    client = anthropic.Anthropic(base_url=server.url, api_key=key, max_retries=RETRIES, timeout=30)
    return lambda: client.messages.create(model="instant", messages=MESSAGES, max_tokens=40)


@pytest.mark.parametrize("key", ["sk-requests", "sk-tokens"])
@pytest.mark.parametrize("sdk", [openai_call, anthropic_call])
def test_all_calls_succeed_with_the_retries_of_the_sdk(limited, sdk, key):
    call = sdk(limited, key)
    start = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: call(), range(CALLS)))
    assert len(answers) == CALLS
    assert all(answer.usage for answer in answers)
    # The limits admit two or three calls a second: some were refused first.
    assert time.monotonic() - start > 1


def test_headers_are_those_that_the_sdks_document(limited):
    client = openai.OpenAI(base_url=f"{limited.url}/v1", api_key="sk-tokens", max_retries=RETRIES)
    headers = client.chat.completions.with_raw_response.create(
        model="instant", messages=MESSAGES, max_tokens=40
    ).headers
    assert headers["x-ratelimit-limit-tokens"] == "200"
    assert 0 <= int(headers["x-ratelimit-remaining-tokens"]) <= 160
    client = anthropic.Anthropic(base_url=limited.url, api_key="sk-tokens", max_retries=RETRIES)
    headers = client.messages.with_raw_response.create(
        model="instant", messages=MESSAGES, max_tokens=40
    ).headers
    assert headers["anthropic-ratelimit-input-tokens-limit"] == "150"
    assert headers["anthropic-ratelimit-output-tokens-limit"] == "100"


def test_request_larger_than_the_limit_is_not_admitted_by_waiting(limited):
    client = openai.OpenAI(base_url=f"{limited.url}/v1", api_key="sk-tokens", max_retries=0)
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model="instant", messages=MESSAGES, max_tokens=300)
    assert caught.value.type == "tokens"
    assert caught.value.message and "Request too large" in caught.value.message
    assert "retry-after" not in caught.value.response.headers
