"""Base class of the users of all suites: sends requests and validates responses."""

import json
import logging
import time

import gevent
from locust import HttpUser, events
from requests.exceptions import RequestException
from shape import Mismatch, check

# Locust writes its CSV files once per second, but not at the end.
CSV_INTERVAL_S = 1.0


class SuiteUser(HttpUser):
    """A user whose requests fail unless the response matches the contract."""

    abstract = True

    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        cls.toured = False

    def on_start(self):
        """The first user of a class runs each task once, so that even a short run has a row for every task."""
        cls = type(self)
        if not cls.toured:
            cls.toured = True
            for task in dict.fromkeys(self.tasks):
                task(self)

    def ask(self, method, path, answers, *, name=None, within_s=None, **request):
        """Sends a request and returns the JSON of its response; `None` if it failed.

        `answers` has a shape for each status that is one. The first is the usual one; others have rows of
        their own, `NAME (STATUS)`.
        """
        with self.client.request(method, path, name=name, catch_response=True, **request) as response:
            try:
                status = _accepted(response, answers)
                answer = _json(response.content)
                check(answer, answers[status])
                _in_time(response, within_s)
                self.inspect(response)
            except (Mismatch, RequestException) as problem:
                response.failure(str(problem))
                return None
            if status != next(iter(answers)):
                response.request_meta["name"] += f" ({status})"
            response.success()
            return answer

    def inspect(self, response):
        """Further checks of a suite on an accepted response; raises `Mismatch`."""

    def stream(self, method, path, *, name=None, **request):
        """Reads a stream of events to its end. Time to first token has a separate row, not included in Aggregated."""
        begun = time.perf_counter()
        row = name or path
        with self.client.request(method, path, name=row, stream=True, catch_response=True, **request) as response:
            try:
                _accepted(response, {200})
                ttft_ms = _read_events(response, begun)
            except (Mismatch, RequestException) as problem:
                response.failure(str(problem))
                if response.raw is not None:
                    # Unread data must not reach the next request on this connection.
                    response.close()
                return
            finally:
                # Locust's own time ends with the response head of a stream.
                response.request_meta["response_time"] = _ms_since(begun)
            response.success()
            # A Locust event would count as another request.
            self.environment.stats.get(f"{row} (TTFT)", method).log(ttft_ms, 0)


@events.quitting.add_listener
def csv_files_are_complete(environment, **_):
    """Waits until the files include the requests of the last second."""
    if environment.parsed_options.csv_prefix:
        gevent.sleep(CSV_INTERVAL_S * 1.2)


def refuse(environment, reason):
    """Makes the run fail, regardless of its requests."""
    logging.error(reason)
    environment.process_exit_code = 1


def _accepted(response, accepted):
    if response.error is not None:
        raise response.error
    if response.status_code not in accepted:
        raise Mismatch(f"status {response.status_code}: {response.text:.200}")
    return response.status_code


def _json(data):
    try:
        return json.loads(data)
    except ValueError as problem:
        raise Mismatch(f"no JSON ({problem}): {data!r:.100}") from problem


def _in_time(response, within_s):
    took_s = response.request_meta["response_time"] / 1_000
    if within_s is not None and took_s > within_s:
        raise Mismatch(f"took more than {within_s} s")


def _read_events(response, begun):
    """Reads `data: {json}` events up to `[DONE]`; returns the milliseconds to the first token."""
    kind = response.headers.get("content-type", "none")
    if not kind.startswith("text/event-stream"):
        raise Mismatch(f"content-type is {kind}, not text/event-stream")
    ttft_ms, done, size = None, False, 0
    for line in response.iter_lines():
        size += len(line) + 1
        if not line:
            continue
        if done:
            raise Mismatch(f"after [DONE] comes {line!r:.100}")
        if not line.startswith(b"data: "):
            raise Mismatch(f"no event: {line!r:.100}")
        data = line.removeprefix(b"data: ")
        if data == b"[DONE]":
            done = True
            continue
        event = _json(data)
        check(event, dict, "the event")
        if "error" in event:
            raise Mismatch(f"error event: {event!r:.200}")
        if ttft_ms is None and event.get("type") == "token":
            ttft_ms = _ms_since(begun)
    response.request_meta["response_length"] = size
    if not done:
        raise Mismatch("the stream ends without [DONE]")
    if ttft_ms is None:
        raise Mismatch("the stream has no token")
    return ttft_ms


def _ms_since(begun):
    return (time.perf_counter() - begun) * 1_000
