"""What both SDKs make of simulated faults."""

import json

import anthropic
import httpx2 as httpx
import openai
import pytest
from conftest import serve

MESSAGES = [{"role": "user", "content": "How deep is the river?"}]
RULES = """
[[fault]]
do    = { status = 503, retry_after = "10ms" }
first = 2
per   = "header:x-session"
header = "x-session"
"""


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """A server whose first two requests of each session fail."""
    settings = tmp_path_factory.mktemp("weir") / "weir.toml"
    settings.write_text(RULES)
    with serve("--config", str(settings), "--time-scale", "0.1") as server:
        yield server


def openai_of(server, **options):
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="sk-any", **{"max_retries": 0, "timeout": 10} | options)


def anthropic_of(server, **options):
    return anthropic.Anthropic(base_url=server.url, api_key="sk-any", **{"max_retries": 0, "timeout": 10} | options)


def chat(client, fault="none", **options):
    return client.chat.completions.create(
        model="instant", messages=MESSAGES, max_tokens=10, extra_headers={"x-weir-fault": fault}, **options
    )


def message(client, fault="none", **options):
    return client.messages.create(
        model="instant", messages=MESSAGES, max_tokens=10, extra_headers={"x-weir-fault": fault}, **options
    )


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_retries_succeed_after_two_failures(failing):
    for make, ask, error in [
        (
            lambda session, **options: openai_of(failing, default_headers={"x-session": session}, **options),
            lambda client: client.chat.completions.create(model="instant", messages=MESSAGES, max_tokens=3),
            openai.InternalServerError,
        ),
        (
            lambda session, **options: anthropic_of(failing, default_headers={"x-session": session}, **options),
            lambda client: client.messages.create(model="instant", messages=MESSAGES, max_tokens=3),
            anthropic.InternalServerError,
        ),
    ]:
        name = error.__module__
        assert ask(make(f"{name} retries", max_retries=2)).id
        with pytest.raises(error) as failure:
            ask(make(f"{name} gives up", max_retries=1))
        assert failure.value.status_code == 503


@pytest.mark.parametrize("status, of_openai, of_anthropic", [
    (400, openai.BadRequestError, anthropic.BadRequestError),
    (429, openai.RateLimitError, anthropic.RateLimitError),
    (500, openai.InternalServerError, anthropic.InternalServerError),
    (529, openai.InternalServerError, anthropic.OverloadedError),
])
def test_status_is_the_sdks_error(weir, status, of_openai, of_anthropic):
    with pytest.raises(of_openai) as failure:
        chat(openai_of(weir), f"status={status}; message=down")
    assert "down" in str(failure.value)
    with pytest.raises(of_anthropic) as failure:
        message(anthropic_of(weir), f"status={status}; message=down")
    assert failure.value.status_code == status and "down" in str(failure.value)


def test_error_event_raises(weir):
    received = []
    with pytest.raises(openai.APIError, match="down"):
        for chunk in chat(openai_of(weir), "error_event; after=3; message=down", stream=True):
            received.append(chunk)
    assert len(received) == 4
    with pytest.raises(anthropic.APIStatusError, match="down"):
        for event in message(anthropic_of(weir), "error_event; after=3; message=down", stream=True):
            received.append(event)
    assert sum(event.type == "content_block_delta" for event in received[4:]) == 3


def test_error_event_of_responses_is_an_event(weir):
    stream = openai_of(weir).responses.create(
        model="instant", input="Hi", stream=True, extra_headers={"x-weir-fault": "error_event; after=2; message=down"}
    )
    last = list(stream)[-1]
    assert (last.type, last.message) == ("error", "down")
    assert isinstance(last.sequence_number, int)


def test_truncated_stream_has_no_end(weir):
    """Neither SDK raises: the missing finish reason is what an application can notice."""
    chunks = list(chat(openai_of(weir), "truncate; after=3", stream=True))
    assert len(chunks) == 4
    assert all(choice.finish_reason is None for chunk in chunks for choice in chunk.choices)
    events = list(message(anthropic_of(weir), "truncate; after=3", stream=True))
    assert not any(event.type in ("message_delta", "message_stop") for event in events)
    client = anthropic_of(weir)
    with client.messages.stream(
        model="instant", messages=MESSAGES, max_tokens=10, extra_headers={"x-weir-fault": "truncate; after=3"}
    ) as stream:
        assert stream.get_final_message().stop_reason is None


@pytest.mark.parametrize("fault", ["disconnect; after=3", "reset; after=3"])
def test_connection_lost_within_a_stream_raises(weir, fault):
    for ask in (lambda: chat(openai_of(weir), fault, stream=True), lambda: message(anthropic_of(weir), fault, stream=True)):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, openai.APIConnectionError, anthropic.APIConnectionError)):
            list(ask())


@pytest.mark.parametrize("fault", ["disconnect", "reset"])
def test_connection_lost_before_the_answer_raises(weir, fault):
    with pytest.raises(openai.APIConnectionError):
        chat(openai_of(weir), fault)
    with pytest.raises(anthropic.APIConnectionError):
        message(anthropic_of(weir), fault)


def test_no_answer_and_stall_are_timeouts(weir):
    with pytest.raises(openai.APITimeoutError):
        chat(openai_of(weir, timeout=0.3), "no_answer")
    with pytest.raises(anthropic.APITimeoutError):
        message(anthropic_of(weir, timeout=0.3), "no_answer")
    with pytest.raises((httpx.ReadTimeout, openai.APITimeoutError)):
        list(chat(openai_of(weir, timeout=0.3), "stall; after=3; for=100s", stream=True))
    with pytest.raises((httpx.ReadTimeout, anthropic.APITimeoutError)):
        list(message(anthropic_of(weir, timeout=0.3), "stall; after=3; for=100s", stream=True))


def test_malformed_event_raises(weir):
    with pytest.raises(json.JSONDecodeError):
        list(chat(openai_of(weir), "malformed; after=3", stream=True))
    with pytest.raises(json.JSONDecodeError):
        list(message(anthropic_of(weir), "malformed; after=3", stream=True))


def test_duplicate_and_reorder_change_the_text(weir):
    client = openai_of(weir)
    usual = text_of(chat(client, stream=True))
    twice = text_of(chat(client, "duplicate; after=3", stream=True))
    swapped = text_of(chat(client, "reorder; after=3", stream=True))
    assert len(twice) > len(usual)
    assert swapped != usual and sorted(swapped) == sorted(usual)


def test_usage_is_missing_or_wrong(weir):
    client = openai_of(weir)
    assert chat(client, "usage").usage is None
    wrong = chat(client, "usage=wrong").usage
    assert wrong.total_tokens != wrong.prompt_tokens + wrong.completion_tokens


def test_trickled_answer_is_whole(weir):
    client = openai_of(weir)
    assert chat(client, "trickle; bytes=40; every=10ms").choices[0].message.content == chat(client).choices[0].message.content


def test_overrides_apply_to_one_request(weir):
    answer = openai_of(weir).chat.completions.with_raw_response.create(
        model="gpt-4o-mini", messages=MESSAGES,
        extra_headers={"x-weir-tokens": "6", "x-weir-ttft": "100ms", "x-weir-itl": "0s"},
    )
    assert answer.parse().usage.completion_tokens == 6
    # The time scale of this server is a tenth.
    assert "planned_ttft;dur=10.000" in answer.headers["server-timing"]
    with pytest.raises(openai.BadRequestError, match="x-weir-tokens"):
        chat(openai_of(weir).with_options(default_headers={"x-weir-tokens": "many"}))
