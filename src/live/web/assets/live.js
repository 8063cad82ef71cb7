// The live page: shows the state that the server sends once a second, and gives orders.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const units = window.weirUnits;
  const orNone = (text) => (value) => (value === null || value === undefined ? "n/a" : text(value));
  const ms = orNone(units.ms);
  const count = orNone(units.count);
  const share = orNone((value) => units.percent(value * 100));

  function element(name, parent, text) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  /** Minutes and seconds. */
  function clock(seconds) {
    const two = (number) => String(number).padStart(2, "0");
    const whole = Math.round(seconds);
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  }

  // ---- the head ---------------------------------------------------------------------------

  const PHASES = {
    ready: "ready",
    starting: "starting",
    warm_up: "warm-up",
    running: "running",
    draining: "finishing",
    stopping: "stopping",
    ended: "ended",
    lost: "no connection",
  };

  function showPhase(name) {
    const phase = byId("phase");
    if (phase.textContent !== PHASES[name]) phase.textContent = PHASES[name];
    phase.className = `phase ${name}`;
  }

  function showHead(state) {
    const { phase, scenario, view } = state;
    const running = phase === "running" && view && view.stage !== "ended";
    showPhase(running ? view.stage : phase);
    document.title = view ? `${Math.round(view.now.requests_per_s)} req/s · ${scenario.name}` : `Weir · ${scenario.name}`;
    byId("title").textContent = scenario.name;
    byId("made").textContent = `weir ${state.weir}`;
    byId("stop").hidden = !["starting", "running", "stopping"].includes(phase);
    byId("stop").textContent = phase === "stopping" ? "Stop at once" : "Stop";
    const facts = [["about", scenario.about]];
    if (view) facts.push(["target", view.target], ["started", view.started]);
    byId("facts").replaceChildren();
    for (const [name, value] of facts.filter(([, value]) => value)) {
      const fact = element("div", byId("facts"));
      element("dt", fact, name);
      element("dd", fact, value);
    }
    showProgress(view);
  }

  function showProgress(view) {
    const bar = byId("progress");
    bar.hidden = !view;
    byId("clock").textContent = "";
    if (!view) return;
    const done = view.all.completed + view.all.failed + view.all.rate_limited;
    const elapsed = clock(view.elapsed_s);
    if (view.run_time_s) {
      bar.value = Math.min(1, view.elapsed_s / view.run_time_s);
      // After the run time, the last answers are awaited: the phase says so.
      byId("clock").textContent = `${clock(Math.min(view.elapsed_s, view.run_time_s))} of ${clock(view.run_time_s)}`;
    } else {
      bar.value = view.requests ? Math.min(1, done / view.requests) : 0;
      byId("clock").textContent = view.requests ? `${elapsed}, ${count(done)} of ${count(view.requests)} requests` : elapsed;
    }
  }

  /** Each threshold with its figure so far, and whether it holds. */
  function showThresholds({ thresholds }) {
    const list = byId("thresholds");
    list.replaceChildren();
    for (const { text, measured, passed } of thresholds) {
      element("li", list, `${passed ? "✓" : "✗"} ${text}: ${measured}`).className = passed ? "note" : "bad";
    }
  }

  function showRemarks({ problem, view }) {
    const remarks = [];
    if (problem) remarks.push(["bad", problem]);
    if (view) {
      for (const reason of view.generator.invalid) remarks.push(["bad", `Invalid, the generator is the bottleneck: ${reason}`]);
      if (view.generator.shares_cores_with_target) {
        remarks.push(["warning", "generator and target share this machine's cores: each slows the other down"]);
      }
      for (const note of view.notes) remarks.push(["note", note]);
    }
    const list = byId("remarks");
    const said = remarks.map(([kind, text]) => kind + text).join("\n");
    // What is there already is not read out again.
    if (list.dataset.said === said) return;
    list.dataset.said = said;
    list.replaceChildren();
    for (const [kind, text] of remarks) element("li", list, text).className = kind;
  }

  // ---- the figures ------------------------------------------------------------------------

  function showTiles(view) {
    const { now, all } = view;
    const isEnded = view.stage === "ended";
    const mean = isEnded ? "mean of the run" : `mean of ${now.over_s} s`;
    const [requests, tokens] = isEnded ? [all.requests_per_s, all.tokens_per_s] : [now.requests_per_s, now.tokens_per_s];
    const attempts = all.completed + all.failed + all.rate_limited;
    const errors = isEnded ? (attempts ? all.failed / attempts : null) : now.error_share;
    const tiles = [
      ["Requests/s", units.count(requests), mean],
      ["Tokens/s", units.count(tokens), mean],
      ["Errors", share(errors), `${count(all.failed)} in all`, errors > 0],
      ["In flight", count(now.in_flight), view.kind === "users" ? `${count(now.users)} users` : view.load],
      ["e2e p95", ms(all.e2e_p95_ms), `p50 ${ms(all.e2e_p50_ms)}`],
      ["TTFT p50", ms(all.ttft_p50_ms), `p95 ${ms(all.ttft_p95_ms)}`],
      ["ITL p50", ms(all.itl_p50_ms), "of all gaps"],
      ["Completed", count(all.completed), all.rate_limited ? `${count(all.rate_limited)} rate limited` : "and measured"],
    ];
    const place = byId("tiles");
    place.replaceChildren();
    for (const [name, value, note, bad] of tiles) {
      const tile = element("div", place);
      tile.className = bad ? "tile bad" : "tile";
      element("h3", tile, name);
      element("strong", tile, value);
      element("p", tile, note);
    }
  }

  const line = (name, tone, values, fill) => ({ name, tone, values, fill });

  /** Counts that are not all nothing. */
  const some = (values) => (values.some((value) => value > 0) ? values : values.map(() => null));

  /** Each chart: its title, its unit, and its lines from the history. */
  const CHARTS = [
    ["Requests per second", "per_second", (past) => [
      line("completed", "blue", past.completed_per_s, true),
      line("failed", "red", past.failed_per_s, true),
    ]],
    ["Response time", "ms", (past) => [
      line("p50", "blue", past.e2e_p50_ms),
      line("p95", "amber", past.e2e_p95_ms),
      line("p99", "rose", past.e2e_p99_ms),
    ]],
    ["Time to first token", "ms", (past) => [
      line("p50", "blue", past.ttft_p50_ms),
      line("p95", "amber", past.ttft_p95_ms),
    ]],
    ["Gap between tokens, p50", "ms", (past) => [line("p50", "green", past.itl_p50_ms)]],
    ["Tokens per second", "per_second", (past) => [line("tokens", "green", some(past.tokens_per_s), true)]],
    ["Users", "count", (past) => [line("users", "grey", past.users, true)]],
  ];

  const drawn = CHARTS.map(() => null);

  /** Whether there is something to draw: a load without streams has no tokens. */
  const measured = (series) => series.some(({ values }) => values.some((value) => value !== null && value !== undefined));

  function showCharts(view) {
    const past = view.history;
    const shades = past.warm_up_s > 0 ? [{ from: 0, to: past.warm_up_s, name: "warm-up" }] : [];
    CHARTS.forEach(([title, unit, lines], place) => {
      const series = lines(past);
      if (!measured(series)) {
        drawn[place]?.chart.remove();
        drawn[place] = null;
        return;
      }
      // In their order, whichever came first.
      const after = drawn.slice(place + 1).find((later) => later !== null);
      const figure = drawn[place]?.figure ?? document.createElement("figure");
      if (!figure.isConnected) byId("charts").insertBefore(figure, after ? after.figure : null);
      const spec = { kind: "lines", title, x: { unit: "s" }, y: { unit }, at: past.at_s, series, shades, group: "run" };
      if (drawn[place]) drawn[place].chart.update(spec);
      else drawn[place] = { figure, chart: window.weirChart(figure, spec) };
    });
  }

  const words = (name, key) => ({ name, value: (row) => row[key], words: true });
  const figure = (name, key, text, bad) => ({ name, value: (row) => row[key], text, bad });
  const FIGURES = [
    figure("done", "completed", count),
    figure("failed", "failed", count, (value) => value > 0),
    figure("limited", "rate_limited", count),
    figure("req/s", "requests_per_s", units.count),
    figure("tokens/s", "tokens_per_s", units.count),
    figure("e2e p50", "e2e_p50_ms", ms),
    figure("p95", "e2e_p95_ms", ms),
    figure("p99", "e2e_p99_ms", ms),
    figure("TTFT p50", "ttft_p50_ms", ms),
    figure("p95", "ttft_p95_ms", ms),
    figure("ITL p50", "itl_p50_ms", ms),
  ];

  const tables = {
    tasks: window.liveTable(byId("tasks"), { columns: [words("task", "name"), words("method", "method"), ...FIGURES] }),
    classes: window.liveTable(byId("classes"), { columns: [words("class", "name"), ...FIGURES] }),
    failures: window.liveTable(byId("failures"), {
      columns: [
        words("task", "task"),
        words("kind", "kind"),
        figure("times", "count", count),
        figure("first at", "first_s", clock),
        figure("last at", "last_s", clock),
        words("first message", "example"),
      ],
      empty: "No failures.",
    }),
    generator: window.liveTable(byId("generator"), { columns: [words("the generator itself", "name"), words("", "value")] }),
  };

  function showTables(view) {
    tables.tasks.show(view.tasks, { ...view.all, name: "all" });
    tables.classes.show(view.classes, { ...view.all, name: "all" });
    tables.failures.show(view.failures);
    const tab = byId("tab-failures");
    tab.replaceChildren("Failures");
    // Requests, not rows, of which there is a limited number.
    if (view.all.failed) element("span", tab, count(view.all.failed)).className = "count";
    const { generator } = view;
    tables.generator.show([
      { name: "starts after their instant, p99", value: ms(generator.lateness_p99_ms) },
      { name: "lag of the event loop, p99", value: ms(generator.loop_lag_p99_ms) },
      { name: "processor", value: generator.cpu_cores === null ? "n/a" : `${units.percent(generator.cpu_cores * 100)} of a core` },
      { name: "threads", value: count(generator.workers) },
      { name: "arrivals started late", value: count(generator.late) },
      { name: "arrivals never started", value: count(generator.shed) },
    ]);
  }

  function showReport({ phase, files }) {
    const place = byId("report");
    const said = phase + files.join();
    // A link that someone is about to follow stays where it is.
    if (place.dataset.said === said) return;
    place.dataset.said = said;
    place.replaceChildren();
    if (!files.length) {
      element("p", place, phase === "ended" ? "This run left no report." : "The report is written when the run has ended.").className = "quiet";
      return;
    }
    const list = element("ul", place);
    list.className = "downloads";
    for (const name of files) {
      const link = element("a", element("li", list), name);
      link.href = `report/${name}`;
      if (name.endsWith(".html")) link.target = "_blank";
      else link.download = name;
    }
  }

  // ---- orders -----------------------------------------------------------------------------

  /** Gives an order, and says why it was not taken. */
  async function order(path, body, fault) {
    fault.textContent = "";
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!answer.ok) fault.textContent = (await answer.json()).error;
    } catch {
      fault.textContent = "Weir cannot be reached.";
    }
  }

  /** What the fields of a form say; those left empty say nothing. */
  function filled(form) {
    const fields = [...form.elements].filter((field) => field.name && !field.disabled && field.value.trim() !== "");
    return Object.fromEntries(fields.map((field) => [field.name, field.type === "number" ? field.valueAsNumber : field.value.trim()]));
  }

  const start = byId("start");
  const change = byId("change");
  start.addEventListener("submit", (event) => {
    event.preventDefault();
    // What stands as the scenario has it is left to the scenario.
    const changed = Object.entries(filled(start)).filter(([name, value]) => String(value) !== String(given[name]));
    order("api/start", Object.fromEntries(changed), byId("start-fault"));
  });
  change.addEventListener("submit", (event) => {
    event.preventDefault();
    delete change.elements.users.dataset.edited;
    order("api/users", filled(change), byId("change-fault"));
  });
  change.elements.users.addEventListener("input", () => (change.elements.users.dataset.edited = "true"));
  byId("stop").addEventListener("click", () => order("api/stop", {}, byId("change-fault")));

  /** What the fields begin with: the scenario's own. */
  let given = null;

  function showForms({ phase, scenario, users_wanted: wanted, view }) {
    const idle = phase === "ready" || phase === "ended";
    const arrivals = scenario.kind === "arrivals";
    start.hidden = !idle;
    byId("start-title").textContent = phase === "ended" ? "Start another run" : "Start a run";
    for (const [id, hidden] of [["users-field", arrivals], ["spawn-field", arrivals], ["rate-field", !arrivals]]) {
      byId(id).hidden = hidden;
      byId(id).querySelector("input").disabled = hidden;
    }
    if (given === null) {
      const { users, spawn_rate_per_s: spawn_rate, rate_per_s: rate, run_time, url } = scenario;
      given = { users, spawn_rate, rate, run_time, url };
      for (const [name, value] of Object.entries(given)) start.elements[name].value = value ?? "";
    }
    const changing = phase === "running" && wanted !== null;
    const field = change.elements.users;
    if (!changing) delete field.dataset.edited;
    // The field follows the ramp, unless somebody writes in it.
    if (changing && (change.hidden || (field !== document.activeElement && !field.dataset.edited))) field.value = wanted;
    change.hidden = !changing;
    if (changing) {
      byId("wanted").textContent = wanted === view.now.users ? `${count(wanted)} users run` : `${count(view.now.users)} of ${count(wanted)} users run`;
    }
  }

  // ---- tabs -------------------------------------------------------------------------------

  const tabs = [...document.querySelectorAll('[role="tab"]')];

  function choose(chosen) {
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = !on;
    }
  }

  tabs.forEach((tab, place) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = tabs[(place + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  });

  // ---- entry ------------------------------------------------------------------------------

  function show(state) {
    showHead(state);
    showRemarks(state);
    showForms(state);
    showReport(state);
    const { view } = state;
    byId("figures").hidden = !view;
    if (!view) return;
    showTiles(view);
    showThresholds(view);
    showTables(view);
    if (view.history.at_s.length) showCharts(view);
  }

  const events = new EventSource("api/events");
  events.addEventListener("message", (event) => show(JSON.parse(event.data)));
  events.addEventListener("error", () => showPhase("lost"));
})();
