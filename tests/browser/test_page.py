"""Tests of the page in a browser, as a user would use it."""

import csv
import json
import subprocess
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from conftest import PATIENCE_S, SCREENSHOTS, started
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

WIDTH, NARROW = 1280, 400


def number(shown):
    """The number of a text with spaces between thousands, and perhaps a unit."""
    digits = shown.replace("\u2009", "").replace("\u00a0", " ").split(" ")[0]
    return 0.0 if digits == "n/a" else float(digits)


class Page:
    """The page in a browser."""

    def __init__(self, browser, url):
        self.browser = browser
        browser.get(url)

    def until(self, condition, message):
        return WebDriverWait(self.browser, PATIENCE_S, 0.1).until(lambda _: condition(), message)

    def one(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.browser.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def fill(self, selector, value):
        field = self.one(selector)
        field.clear()
        field.send_keys(value)

    def until_phase(self, *phases):
        self.until(lambda: self.text("#phase") in phases, f"never {phases}, but {self.text('#phase')!r}")

    def tile(self, name):
        """The value of a tile as a number; its text has spaces between thousands, and a unit."""
        find = "return [...document.querySelectorAll('.tile')].find((t) => t.querySelector('h3').innerText === arguments[0])"
        shown = self.browser.execute_script(f"{find}?.querySelector('strong').innerText ?? '0'", name)
        return number(shown)

    def column(self, panel, place):
        cells = f"#{panel} tbody tr td:nth-child({place})"
        return self.browser.execute_script("return [...document.querySelectorAll(arguments[0])].map((c) => c.innerText)", cells)

    def emulate(self, scheme, width):
        """Light and dark, at desktop and phone width."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        metrics = {"width": width, "height": 1500, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def shoot(self, name, scheme="light", width=WIDTH):
        self.emulate(scheme, width)
        # Charts are redrawn at their new width in the next frame.
        time.sleep(0.4)
        self.browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))

    def complaints(self):
        """Console messages, except those about the connection that closes with the program."""
        return [entry["message"] for entry in self.browser.get_log("browser") if "api/events" not in entry["message"]]


def test_run_is_started_watched_and_reported(browser, page, tmp_path):
    site = Page(browser, page)
    site.until_phase("ready")
    assert site.one("#start input[name=users]").get_attribute("value") == "50"
    assert site.one("#start input[name=run_time]").get_attribute("value") == "30s"
    site.shoot("ready")

    site.fill("#start input[name=users]", "20")
    site.one("#start button").click()
    site.until_phase("warm-up", "running")
    site.until(lambda: site.tile("Requests/s") > 0, "no requests")
    site.until_phase("running")
    site.until(lambda: site.tile("Tokens/s") > 0, "no tokens")
    site.until(lambda: site.text("#clock") >= "0:05", "the clock stands")
    charts = browser.find_elements(By.CSS_SELECTOR, "#charts figure svg")
    assert len(charts) == 6, "each chart is drawn"

    site.fill("#change input[name=users]", "40")
    site.one("#change button").click()
    site.until(lambda: site.text("#wanted").replace("\u2009", "") == "40 users run", site.text("#wanted"))
    site.shoot("running")
    site.shoot("running-dark", scheme="dark")
    site.shoot("running-narrow", width=NARROW)
    wider = "return document.documentElement.scrollWidth"
    assert browser.execute_script(wider) <= NARROW, "nothing sticks out on a telephone"
    site.emulate("light", WIDTH)

    site.one("#stop").click()
    site.until_phase("ended")
    site.one("#tab-report").click()
    site.until(lambda: "report.html" in site.text("#report"), "no report")
    download(site, tmp_path)
    read_report(site)
    assert site.complaints() == []


def download(site, tmp_path):
    """The files are complete."""
    folder = tmp_path / "downloads"
    names = ["summary.json", "timeline.csv"]
    for name in names:
        site.one(f"#report a[href$='{name}']").click()
    site.until(lambda: all((folder / name).is_file() for name in names), "not downloaded")
    load = json.loads((folder / "summary.json").read_text())["sections"][0]["measured"]["load"]
    assert load["all"]["completed"] > 0 and load["window"]["ended"] == "interrupted"
    with Path(folder / "timeline.csv").open() as rows:
        assert len(list(csv.DictReader(rows))) >= 5


def read_report(site):
    """The report opens in a new tab with its charts, and its tables can be sorted."""
    browser = site.browser
    site.one("#report a[href$='report.html']").click()
    site.until(lambda: len(browser.window_handles) == 2, "no second tab")
    first, second = browser.window_handles
    browser.switch_to.window(second)
    site.until(lambda: browser.find_elements(By.CSS_SELECTOR, "figure svg"), "no charts in the report")
    heads = browser.find_elements(By.CSS_SELECTOR, "table.sortable thead th button")
    heads[1].click()
    site.until(lambda: browser.find_elements(By.CSS_SELECTOR, "th[aria-sort]"), "the table is not sorted")
    browser.close()
    browser.switch_to.window(first)


def test_second_run_with_invalid_settings_shows_error(browser, page, target, tmp_path):
    site = Page(browser, page)
    site.until_phase("ready")
    site.fill("#start input[name=run_time]", "a while")
    site.one("#start button").click()
    site.until(lambda: "a while" in site.text("#start-fault"), "the mistake is not told")

    for run in (1, 2):
        site.fill("#start input[name=users]", str(run))
        # The length of the warm-up plus one second.
        site.fill("#start input[name=run_time]", "4s")
        site.one("#start button").click()
        site.until_phase("warm-up", "running")
        site.until_phase("ended")
    folders = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("out"))
    assert folders == ["out", "out-2"], "no run writes over another one's report"


def test_keyboard_sorts_tables_and_switches_tabs(browser, target, tmp_path):
    scenario = tmp_path / "two.toml"
    scenario.write_text(
        f"""
url = "{target}"
[load]
users = 4
run_time = "20s"
[[user.reader.task]]
name = "alpha"
request = {{ kind = "http", path = "/health" }}
[[user.reader.task]]
name = "omega"
request = {{ kind = "http", path = "/nowhere" }}
"""
    )
    arguments = ["load", str(scenario), "--web", "127.0.0.1:0", "--autostart", "--out", str(tmp_path / "out")]
    with started(arguments, "page: ", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as url:
        site = Page(browser, url)
        site.until(lambda: len(site.column("tasks", 1)) == 2, "no tasks")
        head = "#tasks thead th:nth-child(1) button"
        site.one(head).click()
        assert site.column("tasks", 1) == ["omega", "alpha"]
        site.one(head).send_keys(Keys.ENTER)
        assert site.column("tasks", 1) == ["alpha", "omega"]
        before = site.text("#clock")
        site.until(lambda: site.text("#clock") != before, "the clock stands")
        assert site.column("tasks", 1) == ["alpha", "omega"], "sorted after the next second, too"

        tab = site.one("#tab-tasks")
        tab.send_keys(Keys.ARROW_RIGHT)
        site.one("#tab-classes").send_keys(Keys.ARROW_RIGHT)
        site.until(lambda: "http_404" in site.text("#failures"), "the failures are not shown")
        assert not site.one("#tasks").is_displayed(), "one panel at a time"
        site.shoot("failures")


FAILING = """
url = "{target}"
thresholds = {{ all = ["e2e.p95 < 10s", "failures < 1"] }}
[load]
users = {users}
{spawn_rate}
run_time = "{run_time}"
grace = "10s"
[[user.reader.task]]
name = "{name}"
request = {{ kind = "http", path = "/health" }}
[[user.reader.task]]
name = "nowhere"
request = {{ kind = "http", path = "/nowhere" }}
[user.reader]
think = "100ms"
"""


def scenario(target, tmp_path, users=4, run_time="4s", spawn_rate="", name="health"):
    """A scenario in which half of the requests fail."""
    path = tmp_path / "failing.toml"
    values = {"target": target, "users": users, "run_time": run_time, "spawn_rate": spawn_rate, "name": name}
    path.write_text(FAILING.format(**values))
    return path


@contextmanager
def loaded(browser, path, tmp_path):
    """The page of a load that starts at once."""
    arguments = ["load", str(path), "--web", "127.0.0.1:0", "--autostart", "--out", str(tmp_path / "out")]
    with started(arguments, "page: ", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as url:
        yield Page(browser, url)


def test_page_after_the_end_shows_figures_of_the_whole_run(browser, target, tmp_path):
    with loaded(browser, scenario(target, tmp_path), tmp_path) as site:
        site.until_phase("running")
        passed = "#thresholds li.note"
        site.until(lambda: site.text("#thresholds").count("✓") == 1, "a threshold that holds is marked while the run goes on")
        assert site.text(passed).startswith("✓ e2e.p95 < 10s: "), site.text(passed)
        site.until(lambda: site.text("#thresholds li.bad").startswith("✗ failures < 1: "), "a failed threshold is marked")
        site.until_phase("ended")
        load = json.loads((tmp_path / "out" / "summary.json").read_text())["sections"][0]["measured"]["load"]
        completed, failed = load["all"]["completed"], load["all"]["failed"]
        assert completed > 0 and failed > 0
        assert site.tile("Completed") == completed
        assert abs(site.tile("Errors") - 100 * failed / (completed + failed)) < 1, "not those of the last seconds"
        assert abs(site.tile("Requests/s") - load["all"]["rps"]) <= max(1, load["all"]["rps"] / 100)
        assert number(site.text("#tab-failures .count")) == failed, "requests, not kinds"
        assert site.text("#clock") == "0:04 of 0:04", "no more than the run time"
        site.shoot("ended")
        site.shoot("ended-dark", scheme="dark")


def test_page_while_last_answers_are_awaited_shows_finishing(browser, tmp_path):
    with slow_target(3.0) as url, loaded(browser, scenario(url, tmp_path, run_time="2s"), tmp_path) as site:
        site.until_phase("finishing")
        assert site.text("#clock") == "0:02 of 0:02", "no more than the run time"
        site.until_phase("ended")
        assert site.text("#clock") == "0:02 of 0:02"


def test_users_field_follows_the_ramp_until_edited(browser, target, tmp_path):
    path = scenario(target, tmp_path, users=20, run_time="30s", spawn_rate="spawn_rate = '4/s'")
    with loaded(browser, path, tmp_path) as site:
        field = "#change input[name=users]"
        wanted = lambda: int(site.one(field).get_attribute("value") or 0)
        site.until_phase("running", "warm-up")
        site.until(lambda: wanted() > 0, "no users wanted")
        site.until(lambda: wanted() == 20, "the field does not follow the ramp")
        site.fill(field, "7")
        clock = site.text("#clock")
        site.until(lambda: site.text("#clock") != clock, "the clock does not advance")
        assert wanted() == 7, "what is typed is kept"
        site.one("#change button").click()
        site.until(lambda: site.text("#wanted") == "7 users run", site.text("#wanted"))


def test_page_on_a_telephone_scrolls_wide_tables(browser, target, tmp_path):
    path = scenario(target, tmp_path, run_time="20s", name="a task whose name is long enough to need a wide table")
    with loaded(browser, path, tmp_path) as site:
        site.emulate("light", NARROW)
        site.until(lambda: len(site.column("tasks", 1)) == 2, "no tasks")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= NARROW
        # Scrolled to its end, the table shows its last column.
        last_is_visible = """
            const cell = document.querySelector('#tasks tbody tr td:last-child');
            cell.scrollIntoView({ inline: 'end', block: 'nearest' });
            const { left, right } = cell.getBoundingClientRect();
            return left >= 0 && right <= window.innerWidth + 1;
        """
        assert browser.execute_script(last_is_visible), "the last column cannot be reached"
        site.shoot("tasks-narrow", width=NARROW)


@contextmanager
def slow_target(delay_s):
    """A server that answers each request after a delay."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            time.sleep(delay_s)
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
