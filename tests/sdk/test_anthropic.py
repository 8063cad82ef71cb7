"""What Anthropic's own SDK makes of the server's answers."""

import time

import anthropic
import pytest

MESSAGES = [{"role": "user", "content": "How deep is the river at Linz?"}]
TOOL = {
    "name": "depth",
    "input_schema": {
        "type": "object",
        "properties": {"river": {"type": "string"}, "unit": {"enum": ["m", "ft"]}},
        "required": ["river", "unit"],
    },
}


def client_of(server, key="sk-any"):
    return anthropic.Anthropic(base_url=server.url, api_key=key, max_retries=0, timeout=30)


@pytest.fixture
def client(weir):
    with client_of(weir) as client:
        yield client


def ask(client, **more):
    return client.messages.create(**{"model": "fast", "max_tokens": 20, "messages": MESSAGES} | more)


def test_plain_message_has_content_and_usage(client):
    answer = ask(client)
    assert answer.id.startswith("msg_") and answer.type == "message" and answer.role == "assistant"
    (block,) = answer.content
    assert block.type == "text" and block.text
    assert (answer.stop_reason, answer.usage.output_tokens) == ("max_tokens", 20)
    counted = client.messages.count_tokens(model="fast", messages=MESSAGES)
    assert counted.input_tokens == answer.usage.input_tokens > 0
    assert answer._request_id.startswith("req_")


def test_stream_yields_message(client):
    with client.messages.stream(model="fast", max_tokens=20, messages=MESSAGES) as stream:
        text = "".join(stream.text_stream)
        answer = stream.get_final_message()
    assert text == answer.content[0].text != ""
    assert answer.usage.output_tokens == 20


def test_agent_loop_ends_with_text(client):
    messages, calls = list(MESSAGES), 0
    for _ in range(5):
        answer = ask(client, messages=messages, tools=[TOOL], max_tokens=200)
        messages.append({"role": "assistant", "content": answer.content})
        uses = [block for block in answer.content if block.type == "tool_use"]
        if not uses:
            break
        assert answer.stop_reason == "tool_use"
        calls += len(uses)
        assert all(use.input["unit"] in ("m", "ft") for use in uses)
        results = [{"type": "tool_result", "tool_use_id": use.id, "content": "4 m"} for use in uses]
        messages.append({"role": "user", "content": results})
    assert calls == 1
    assert answer.content[0].text


def test_streamed_tool_call_is_assembled(client):
    with client.messages.stream(model="fast", max_tokens=200, messages=MESSAGES, tools=[TOOL]) as stream:
        (use,) = stream.get_final_message().content
    assert use.name == "depth" and use.input["unit"] in ("m", "ft")


def test_thinking_precedes_text(client):
    thinking = {"type": "enabled", "budget_tokens": 1024}
    with client.messages.stream(
        model="fast", max_tokens=2048, messages=MESSAGES, thinking=thinking
    ) as stream:
        first, second = stream.get_final_message().content
    assert first.type == "thinking" and first.thinking and first.signature
    assert second.type == "text"


def test_stop_sequence_ends_text(client):
    answer = ask(client, max_tokens=200, stop_sequences=["never to be said", "."])
    assert (answer.stop_reason, answer.stop_sequence) == ("stop_sequence", ".")
    assert "." not in answer.content[0].text


def test_models_are_listed(client):
    models = list(client.models.list(limit=3))
    assert {"fast", "steady", "gpt-4o-mini"} <= {model.id for model in models}
    assert client.models.retrieve("fast").type == "model"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"max_tokens": "many"}, anthropic.BadRequestError),
        ({"messages": []}, anthropic.BadRequestError),
        ({"messages": [{"role": "king", "content": "?"}]}, anthropic.BadRequestError),
    ],
)
def test_error_statuses_map_to_classes(client, more, error):
    with pytest.raises(error) as caught:
        ask(client, **more)
    assert caught.value.body["type"] == "error"
    assert caught.value.body["request_id"] == caught.value.request_id


def test_unknown_model_is_answered_unless_rejected(client, guarded):
    assert ask(client, model="claude-17").model == "claude-17"
    with client_of(guarded, "sk-plenty") as guarded_client, pytest.raises(anthropic.NotFoundError):
        ask(guarded_client, model="claude-17")


def test_tool_runner_goes_on_without_threads(client):
    @anthropic.beta_tool
    def depth(river: str) -> str:
        """The depth of a river.

        Args:
            river: its name
        """
        return f"{river}: 4 m"

    runner = client.beta.messages.tool_runner(model="fast", max_tokens=200, messages=MESSAGES, tools=[depth])
    last = runner.until_done()
    assert last.stop_reason in ("end_turn", "max_tokens")
    assert last.content[0].type == "text" and last.content[0].text


def test_unknown_key_is_rejected(guarded):
    with client_of(guarded, "sk-wrong") as client, pytest.raises(anthropic.AuthenticationError):
        ask(client, model="instant")
    with client_of(guarded, "sk-plenty") as client:
        assert ask(client, model="instant").content


def test_retry_waits_for_retry_after(paced):
    with anthropic.Anthropic(base_url=paced.url, api_key="sk-other", max_retries=2) as client:
        start = time.monotonic()
        for _ in range(3):
            assert ask(client, model="instant", max_tokens=1).content
    # One request a second: the second and the third were refused first.
    assert time.monotonic() - start > 1
