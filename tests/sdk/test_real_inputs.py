"""The requests of tests/real-inputs/serve, sent by the providers' SDKs.

The SDK sends the body as it is and parses the response into its types, as its own methods do; an error response becomes
its exception.
"""

import json
import tomllib
from pathlib import Path

import anthropic
import openai
import pytest
from anthropic.types import Message, MessageTokensCount, RawMessageStreamEvent
from openai.types import Completion, CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent

from conftest import serve

TABLES = Path(__file__).parents[1] / "real-inputs" / "serve"
SETTINGS = {
    "default": "",
    "provider": "[server]\nstrictness = 'provider'\n",
    "reject-unknown-models": "[models]\nunknown = 'reject'\n",
}
# The SDK of each path, and its types of responses and of events.
TYPES = {
    "/v1/chat/completions": (openai, ChatCompletion, ChatCompletionChunk),
    "/v1/completions": (openai, Completion, Completion),
    "/v1/responses": (openai, Response, ResponseStreamEvent),
    "/v1/embeddings": (openai, CreateEmbeddingResponse, None),
    "/v1/messages": (anthropic, Message, RawMessageStreamEvent),
    "/v1/messages/count_tokens": (anthropic, MessageTokensCount, None),
}


def cases():
    """The cases that an SDK can send: JSON for an endpoint that it has."""
    for path in sorted(TABLES.glob("*.toml")):
        table = tomllib.loads(path.read_text())
        for case in table["case"]:
            case["headers"] = table.get("headers", {}) | case.get("headers", {})
            if case["path"].split("?")[0] in TYPES and case.get("body", "").startswith("{"):
                yield pytest.param(case, id=case["name"])


@pytest.fixture(scope="module")
def server_of(tmp_path_factory):
    """A function that returns the server with the settings of a case."""
    folder, contexts, servers = tmp_path_factory.mktemp("weir"), [], {}

    def start(settings):
        if settings not in servers:
            file = folder / f"{settings}.toml"
            file.write_text(SETTINGS[settings])
            contexts.append(serve("--time-scale", "0", "--config", str(file)))
            servers[settings] = contexts[-1].__enter__()
        return servers[settings]

    yield start
    for context in contexts:
        context.__exit__(None, None, None)


def client_of(sdk, server):
    if sdk is openai:
        return openai.OpenAI(base_url=server.url, api_key="sk-any", max_retries=0, timeout=30)
    return anthropic.Anthropic(base_url=server.url, api_key="sk-any", max_retries=0, timeout=30)


def send(client, sdk, case, types):
    """The status of the response; a stream is read to its end."""
    response_type, event_type = types
    body = json.loads(case["body"].replace("WORDS", " ".join(["river"] * case.get("words", 0))))
    is_stream = body.get("stream", False)
    try:
        response = client.post(
            case["path"],
            body=body,
            cast_to=response_type,
            options={"headers": case["headers"]},
            stream=is_stream,
            stream_cls=sdk.Stream[event_type] if is_stream else None,
        )
        if is_stream:
            events = list(response)
            assert events, "the stream has no events"
    except sdk.APIStatusError as error:
        return error.status_code, error.response.text
    return 200, None


@pytest.mark.parametrize("case", list(cases()))
def test_request_from_the_field_has_the_right_response(server_of, case):
    sdk, *types = TYPES[case["path"].split("?")[0]]
    right = case["right"]
    with client_of(sdk, server_of(case.get("server", "default"))) as client:
        status, error = send(client, sdk, case, types)
    assert status == right["status"], error
    if error is not None:
        assert all(part in error for part in right.get("contains", []))
