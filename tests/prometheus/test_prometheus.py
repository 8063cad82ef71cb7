"""Tests `/metrics` of `weir serve` with promtool and a Prometheus server."""

import json
import os
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
# Rules of style that names of other systems break: vLLM's have colons, and those of the reference systems no units.
ALLOWED_LINTS = ("metric names should not contain ':'",)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url, accept=None):
    request = urllib.request.Request(url, headers={"accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.headers["content-type"], response.read().decode()


def post(url, body):
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read().decode()


class MetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen(
            [os.environ["WEIR_BIN"], "serve", "--port", "0", "--time-scale", "0.1", "--until-stdin-closes"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={name: value for name, value in os.environ.items() if name != "WEIR_BIN"},
        )
        cls.url = cls.server.stdout.readline().split()[-1]
        for stream in (False, True):
            body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 20}
            post(f"{cls.url}/v1/chat/completions", {**body, "stream": stream})
        post(f"{cls.url}/api/llm/gpt4", {"prompt": "Hi"})
        post(f"{cls.url}/api/v1/workflows/execute", {"workflowId": "w", "input": {"message": "Hi"}})

    @classmethod
    def tearDownClass(cls):
        cls.server.stdin.close()
        cls.server.stdout.close()
        cls.server.wait(timeout=30)

    def test_promtool_reads_the_text_format(self):
        content_type, text = get(f"{self.url}/metrics")
        self.assertTrue(content_type.startswith("text/plain; version=0.0.4"), content_type)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
        # 3: it is read, and breaks rules of style.
        self.assertIn(checked.returncode, (0, 3), checked.stderr)
        lints = [line for line in (checked.stdout + checked.stderr).splitlines() if line.strip()]
        broken = [line for line in lints if not line.endswith(ALLOWED_LINTS)]
        self.assertEqual(broken, [])

    def test_prometheus_scrapes_the_names_of_vllm(self):
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "prometheus.yml")
            target = urllib.parse.urlsplit(self.url).netloc
            config.write_text(
                "global: {scrape_interval: 1s}\n"
                f"scrape_configs: [{{job_name: weir, static_configs: [{{targets: ['{target}']}}]}}]\n"
            )
            port = free_port()
            arguments = [
                "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
            ]
            prometheus = subprocess.Popen(arguments)
            try:
                results = self.query_until_found(port, 'vllm:request_success_total{model_name="gpt-4o-mini",finished_reason="length"}')
            finally:
                prometheus.terminate()
                prometheus.wait(timeout=30)
        labels = results[0]["metric"]
        self.assertEqual((labels["model_name"], labels["engine"], labels["job"]), ("gpt-4o-mini", "0", "weir"))
        self.assertEqual(results[0]["value"][1], "2")

    def query_until_found(self, port, query):
        url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                results = json.loads(get(url)[1])["data"]["result"]
                if results:
                    return results
            except OSError:
                pass
            time.sleep(0.2)
        self.fail(f"{query} was not scraped within a minute")

    def test_both_formats_have_the_same_samples(self):
        def samples(text):
            values = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
            return {name for name, _ in values if "http_request" not in name}

        content_type, open_metrics = get(f"{self.url}/metrics", OPEN_METRICS)
        self.assertTrue(content_type.startswith("application/openmetrics-text"), content_type)
        self.assertTrue(open_metrics.endswith("# EOF\n"))
        self.assertEqual(samples(open_metrics), samples(get(f"{self.url}/metrics")[1]))


if __name__ == "__main__":
    unittest.main()
