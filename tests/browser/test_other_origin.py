"""A browser app of another origin that calls the server's LLM APIs."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from conftest import PATIENCE_S

# Returns the status and the text of a response, or the error of the browser.
FETCH = """
const [url, headers, body, done] = arguments;
fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
  .then(async (response) => done([response.status, await response.text(), response.headers.get("x-request-id")]))
  .catch((error) => done([0, String(error), null]));
"""


class EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>app</title>")

    def log_message(self, *_):
        pass


@contextmanager
def other_origin():
    """The URL of an empty page on another port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def fetch(browser, url, headers, body):
    headers = {"content-type": "application/json", **headers}
    return browser.execute_async_script(FETCH, url, headers, body)


def test_app_of_another_origin_reads_plain_and_streamed_responses(browser, target):
    browser.set_script_timeout(PATIENCE_S)
    messages = [{"role": "user", "content": "Hello"}]
    # What the SDKs send in a browser.
    openai = {"authorization": "Bearer sk-any", "x-stainless-lang": "js"}
    anthropic = {
        "x-api-key": "sk-any",
        "anthropic-version": "2023-06-01",
        "anthropic-dangerous-direct-browser-access": "true",
    }
    with other_origin() as app:
        browser.get(app)
        chat = {"model": "fast", "messages": messages, "max_tokens": 8}
        status, text, request_id = fetch(browser, f"{target}/v1/chat/completions", openai, chat)
        assert (status, bool(request_id)) == (200, True), text
        status, text, _ = fetch(browser, f"{target}/v1/chat/completions", openai, {**chat, "stream": True})
        assert status == 200 and text.endswith("data: [DONE]\n\n"), text
        status, text, _ = fetch(browser, f"{target}/v1/messages", anthropic, {**chat, "stream": True})
        assert status == 200 and "event: message_stop" in text, text
        # An app reads errors too.
        status, text, _ = fetch(browser, f"{target}/v1/chat/completions", openai, {"messages": messages})
        assert status == 400 and "you must provide a model parameter" in text


def test_app_of_another_origin_cannot_change_state(browser, target):
    browser.set_script_timeout(PATIENCE_S)
    with other_origin() as app:
        browser.get(app)
        status, error, _ = fetch(browser, f"{target}/api/chains/test_chain", {}, {})
        assert (status, error) == (0, "TypeError: Failed to fetch")
