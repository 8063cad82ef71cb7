"""Tools, structured output, responses, embeddings and retries through OpenAI's own SDK."""

import json
import math
import time
from typing import Literal

import openai
import pytest
from pydantic import BaseModel

QUESTION = {"role": "user", "content": "How deep is the river at Linz?"}
PARAMETERS = {
    "type": "object",
    "properties": {"river": {"type": "string"}, "unit": {"enum": ["m", "ft"]}},
    "required": ["river", "unit"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "depth", "parameters": PARAMETERS, "strict": True}}


class River(BaseModel):
    name: str
    depth_m: float
    banks: list[Literal["left", "right"]]


@pytest.fixture
def client(weir):
    with openai.OpenAI(base_url=f"{weir.url}/v1", api_key="sk-any", max_retries=0, timeout=30) as client:
        yield client


def test_agent_loop_ends_with_text(client):
    messages, calls = [QUESTION], 0
    for _ in range(5):
        answer = client.chat.completions.create(model="fast", messages=messages, tools=[TOOL])
        message = answer.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            break
        assert answer.choices[0].finish_reason == "tool_calls"
        for call in message.tool_calls:
            calls += 1
            assert call.function.name == "depth"
            arguments = json.loads(call.function.arguments)
            assert arguments.keys() == {"river", "unit"} and arguments["unit"] in ("m", "ft")
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "4 m"})
    assert calls == 1
    assert message.content and answer.choices[0].finish_reason == "stop"


def test_streamed_tool_call_is_assembled(client):
    with client.chat.completions.stream(model="fast", messages=[QUESTION], tools=[TOOL]) as stream:
        (call,) = stream.get_final_completion().choices[0].message.tool_calls
    assert call.function.name == "depth"
    assert json.loads(call.function.arguments)["unit"] in ("m", "ft")


def test_structured_output_matches_schema(client):
    answer = client.chat.completions.parse(model="fast", messages=[QUESTION], response_format=River)
    assert isinstance(answer.choices[0].message.parsed, River)
    response = client.responses.parse(model="fast", input="A river?", text_format=River)
    assert isinstance(response.output_parsed, River)


def test_response_continues_previous_response(client):
    first = client.responses.create(model="fast", input="How deep is the river?", max_output_tokens=16)
    assert (first.status, first.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert first.usage.output_tokens == 16
    second = client.responses.create(model="fast", input="And wide?", previous_response_id=first.id)
    assert second.status == "completed" and second.output_text
    assert second.usage.input_tokens > first.usage.input_tokens + first.usage.output_tokens
    assert client.responses.retrieve(second.id).output_text == second.output_text
    client.responses.delete(second.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(second.id)


def test_responses_stream_yields_response(client):
    with client.responses.stream(model="fast", input="How deep is the river?") as stream:
        events = list(stream)
        response = stream.get_final_response()
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == response.output_text
    assert len(deltas) == response.usage.output_tokens


def test_embeddings_are_equal_in_both_encodings(client):
    ask = lambda form: client.embeddings.create(
        model="text-embedding-3-small", input=["a river", "a road"], encoding_format=form, dimensions=64
    )
    # Without a form the SDK asks for base64 and decodes it.
    decoded = client.embeddings.create(
        model="text-embedding-3-small", input=["a river", "a road"], dimensions=64
    )
    floats = ask("float")
    for left, right in zip(decoded.data, floats.data, strict=True):
        assert left.embedding == pytest.approx(right.embedding)
        assert math.isclose(sum(figure**2 for figure in left.embedding), 1, rel_tol=1e-4)


def test_prompt_over_context_is_rejected(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model="fast", messages=[{"role": "user", "content": "word " * 40_000}]
        )
    assert caught.value.code == "context_length_exceeded"


def test_retry_waits_for_retry_after(paced):
    with openai.OpenAI(base_url=f"{paced.url}/v1", api_key="sk-any", max_retries=2) as client:
        ask = lambda: client.chat.completions.create(model="instant", messages=[QUESTION], max_tokens=1)
        start = time.monotonic()
        for _ in range(3):
            assert ask().choices
    # One request a second: the second and the third were refused first.
    assert time.monotonic() - start > 1
