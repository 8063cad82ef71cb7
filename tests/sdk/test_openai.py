"""What OpenAI's own SDK makes of the server's answers."""

import asyncio

import openai
import pytest

MESSAGES = [{"role": "user", "content": "How deep is the river?"}]
PARTS = [{"role": "user", "content": [{"type": "text", "text": "How deep is the river?"}]}]


def client_of(server, key="sk-any"):
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0, timeout=30)


@pytest.fixture
def client(weir):
    with client_of(weir) as client:
        yield client


def words_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_plain_completion_has_content_and_usage(client):
    answer = client.chat.completions.create(model="fast", messages=MESSAGES, max_tokens=20)
    assert answer.object == "chat.completion"
    assert answer.id.startswith("chatcmpl-")
    assert answer.model == "fast"
    (choice,) = answer.choices
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert choice.finish_reason in ("stop", "length")
    assert 0 < answer.usage.completion_tokens <= 20
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.completion_tokens_details.reasoning_tokens == 0
    assert answer._request_id.startswith("req_")


def test_identical_requests_yield_identical_text(client):
    ask = lambda: client.chat.completions.create(model="fast", messages=MESSAGES)
    first, second = ask(), ask()
    assert first.choices[0].message.content == second.choices[0].message.content
    assert first.id != second.id


def test_content_parts_are_accepted(client):
    ask = lambda messages: client.chat.completions.create(model="instant", messages=messages, max_tokens=1)
    assert ask(PARTS).usage.prompt_tokens == ask(MESSAGES).usage.prompt_tokens


def test_stream_yields_completion(client):
    stream = client.chat.completions.create(model="fast", messages=MESSAGES, max_tokens=15, stream=True)
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason in ("stop", "length")
    assert all(chunk.object == "chat.completion.chunk" for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)
    assert 1 < len(words_of(chunks).split()) <= 15


def test_stream_with_usage_ends_with_usage(client):
    stream = client.chat.completions.create(
        model="steady", messages=MESSAGES, max_tokens=10, stream=True, stream_options={"include_usage": True}
    )
    *others, last = list(stream)
    assert last.choices == []
    assert last.usage.completion_tokens == 10
    assert all(chunk.usage is None for chunk in others)
    assert sum(bool(chunk.choices[0].delta.content) for chunk in others) == 10


def test_streaming_helper_yields_completion(client):
    with client.chat.completions.stream(model="fast", messages=MESSAGES) as stream:
        told = "".join(event.delta for event in stream if event.type == "content.delta")
        answer = stream.get_final_completion()
    assert answer.choices[0].message.content == told != ""
    assert answer.choices[0].finish_reason == "stop"


def test_streaming_helper_detects_length_limit(client):
    with client.chat.completions.stream(model="fast", messages=MESSAGES, max_tokens=3) as stream:
        with pytest.raises(openai.LengthFinishReasonError):
            stream.get_final_completion()


def test_twenty_concurrent_async_streams_complete(weir):
    async def words(client, number):
        chunks = []
        stream = await client.chat.completions.create(
            model="steady", messages=MESSAGES, max_tokens=30, stream=True, user=str(number)
        )
        async for chunk in stream:
            chunks.append(chunk)
        return chunks[0].id, words_of(chunks), chunks[-1].choices[0].finish_reason

    async def all_at_once():
        async with openai.AsyncOpenAI(base_url=f"{weir.url}/v1", api_key="sk-any", max_retries=0) as client:
            return await asyncio.gather(*(words(client, number) for number in range(20)))

    answers = asyncio.run(all_at_once())
    assert len({identity for identity, _, _ in answers}) == 20
    assert all(words and finish == "length" for _, words, finish in answers)


def test_client_disconnect_ends_stream(weir, client):
    stream = client.chat.completions.create(model="steady", messages=MESSAGES, max_tokens=4_000, stream=True)
    assert next(iter(stream)).choices[0].delta.role == "assistant"
    assert weir.health()["requests_in_flight"] == 1
    stream.close()
    weir.wait_until_idle()


def test_models_are_listed(client):
    models = list(client.models.list())
    assert {"fast", "steady", "instant", "gpt-4o-mini"} <= {model.id for model in models}
    assert all(model.object == "model" and model.created and model.owned_by for model in models)


def test_unknown_model_is_answered_unless_rejected(client, guarded):
    answer = client.chat.completions.create(model="gpt-17", messages=MESSAGES, max_tokens=3)
    assert answer.model == "gpt-17"
    with client_of(guarded, "sk-plenty") as client, pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-17", messages=MESSAGES)
    assert caught.value.code == "model_not_found"
    assert "did you mean 'gpt-4.1'?" in caught.value.message
    assert "known: claude-3-5-haiku, " in caught.value.message


def test_invalid_request_is_rejected(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="fast", messages=MESSAGES, max_tokens="many")
    assert (caught.value.type, caught.value.param) == ("invalid_request_error", "max_tokens")


def test_unknown_key_is_rejected(guarded):
    with client_of(guarded, "sk-wrong") as client, pytest.raises(openai.AuthenticationError) as caught:
        client.chat.completions.create(model="instant", messages=MESSAGES)
    assert caught.value.code == "invalid_api_key"


def test_key_over_limit_is_rate_limited(guarded):
    with client_of(guarded, "sk-one") as client:
        first = client.chat.completions.with_raw_response.create(model="instant", messages=MESSAGES)
        assert first.headers["x-ratelimit-remaining-requests"] == "0"
        assert first.parse().choices
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model="instant", messages=MESSAGES)
    assert caught.value.code == "rate_limit_exceeded"
    assert int(caught.value.response.headers["retry-after"]) > 3_000
    with client_of(guarded, "sk-plenty") as client:
        assert client.chat.completions.create(model="instant", messages=MESSAGES).choices


def test_rejected_stream_raises_error(guarded):
    with client_of(guarded, "sk-plenty") as client, pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-17", messages=MESSAGES, stream=True)


def test_stream_yields_several_choices(client):
    stream = client.chat.completions.create(model="fast", messages=MESSAGES, max_tokens=6, n=3, stream=True)
    told = [chunk.choices[0] for chunk in stream]
    assert sorted({choice.index for choice in told}) == [0, 1, 2]
    assert [choice.finish_reason for choice in told if choice.finish_reason] == ["length"] * 3


@pytest.mark.parametrize("stream", [False, True])
def test_logprobs_cover_every_token(client, stream):
    answer = client.chat.completions.create(
        model="fast", messages=MESSAGES, n=2, max_tokens=8, logprobs=True, top_logprobs=2, stream=stream
    )
    pieces = [chunk.choices[0] for chunk in answer] if stream else answer.choices
    assert stream or [choice.index for choice in pieces] == [0, 1]
    for index in range(2):
        choice = [piece for piece in pieces if piece.index == index]
        tokens = [token for piece in choice if piece.logprobs for token in piece.logprobs.content]
        content = "".join((piece.delta if stream else piece.message).content or "" for piece in choice)
        assert "".join(token.token for token in tokens) == content
        assert len(tokens) == 8 and all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in tokens)
    assert stream or answer.usage.completion_tokens == 16


def test_reasoning_precedes_text_and_is_counted(client):
    answer = client.chat.completions.create(
        model="fast", messages=MESSAGES, max_completion_tokens=20, reasoning_effort="low"
    )
    assert answer.choices[0].message.reasoning_content
    assert answer.usage.completion_tokens_details.reasoning_tokens == 20
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("", "length")


def test_stored_completion_is_retrievable(client):
    metadata = {"by": "test_stored_completion_is_retrievable"}
    made = client.chat.completions.create(model="fast", messages=MESSAGES, store=True, metadata=metadata)
    assert [kept.id for kept in client.chat.completions.list(metadata=metadata)] == [made.id]
    assert client.chat.completions.retrieve(made.id).choices == made.choices
    assert client.chat.completions.update(made.id, metadata={"by": "nobody"}).metadata == {"by": "nobody"}
    (message,) = client.chat.completions.messages.list(made.id)
    assert message.content == MESSAGES[0]["content"]
    assert client.chat.completions.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve(made.id)


def test_text_completion_is_returned(client):
    single = client.completions.create(model="fast", prompt="The river", max_tokens=5, echo=True)
    assert single.choices[0].text.startswith("The river")
    assert single.usage.completion_tokens == 5
    answer = client.completions.create(
        model="fast", prompt=["One", "Two"], n=2, max_tokens=4, echo=True, logprobs=1
    )
    assert [choice.text[:3] for choice in answer.choices] == ["One", "One", "Two", "Two"]
    assert all("".join(choice.logprobs.tokens) == choice.text for choice in answer.choices)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (2, 16)


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"temperature": 5}, "temperature", "decimal_above_max_value"),
        ({"n": 0}, "n", "integer_below_min_value"),
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": openai.NOT_GIVEN}, "messages", "missing_required_parameter"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id", "missing_required_parameter"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role", "invalid_value"),
    ],
)
def test_error_names_parameter(client, fields, param, code):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**{"model": "fast", "messages": MESSAGES, **fields})
    assert (caught.value.param, caught.value.code) == (param, code)
    assert caught.value.request_id.startswith("req_")
