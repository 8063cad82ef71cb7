// Charts as SVG, drawn in the page from plain data: no network, no library.
//
//   const chart = weirChart(figure, spec)   draws `spec` into `figure`, an empty <figure>, at the figure's own width
//   chart.update(spec)                      draws other data in its place; a crosshair stays where it is
//   chart.remove()                          takes it and its figure off the page
//
// A spec is one of
//   { kind: "lines", title, x, y, at: [..], series: [{ name, tone, fill?, values: [..] }],
//     shades?: [{ from, to, name }], rules?: [{ name, value }], group? }
//       `values` belong to the rising x values in `at`; null is a gap; `rules` are horizontal.
//       Charts of one `group` share their crosshair.
//   { kind: "bars", title, x, rows: [{ name, tone, value, low?, high?, dots?: [..] }], rules?: [{ name, value, row? }] }
//       `rules` are vertical: through all rows, or through one, which is then named.
// where x and y are { unit, scale? }, a unit is one of UNITS, and a scale one of SCALES (linear if not given).
// Colours come from the stylesheet (--tone-NAME), so that light and dark need no second drawing.
(() => {
  "use strict";

  const HEIGHT = 230;
  const ROW = 74;
  /** What a chart measures across on paper: two in a row on A4, or one. */
  const PAPER = { half: 330, whole: 680 };

  // ---- text ---------------------------------------------------------------------------------

  /** Three significant digits, thousands apart; a tick goes without zeros at its end. */
  function figures(value, tick) {
    if (value === 0) return "0";
    if (Math.abs(value) >= 999.5) return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, "\u2009");
    const text = value.toPrecision(3);
    return tick && text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  }

  function milliseconds(ms, tick) {
    const size = Math.abs(ms);
    if (size === 0) return "0";
    if (size < 0.9995) return Math.round(ms * 1000) + " µs";
    return size < 999.5 ? figures(ms, tick) + " ms" : figures(ms / 1000, tick) + " s";
  }

  /** A count is whole; a mean of counts, as on an axis, need not be. */
  const count = (value) => figures(value, true);

  /** Seconds on an axis that ends at `high`: `90 s`, or from three minutes on `1:30`. */
  function clock(seconds, tick, high) {
    if (high < LONG_S) return count(seconds) + " s";
    const two = (number) => String(Math.floor(number)).padStart(2, "0");
    const [hours, minutes, rest] = [Math.floor(seconds / 3600), (seconds / 60) % 60, seconds % 60];
    return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${Math.floor(minutes)}:${two(rest)}`;
  }

  /** A share as the percentile that it is, finer towards 1: 0.5 is `p50`, 0.9982 is `p99.82`. */
  function percentile(share) {
    const digits = Math.max(0, Math.ceil(-Math.log10(1 - share)) - 1);
    return "p" + Number((share * 100).toFixed(digits));
  }

  const UNITS = {
    ms: milliseconds,
    s: clock,
    per_second: (value) => count(value) + " /s",
    count,
    percent: (value, tick) => figures(value, tick) + " %",
    ratio: (value, tick) => figures(value, tick) + " ×",
    percentile,
  };

  // ---- scales -------------------------------------------------------------------------------

  const LONG_S = 180;
  const LONG_STEPS_S = [30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];
  const PERCENTILES = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999];

  function multiples(step, low, high) {
    const ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i += 1) ticks.push(i * step);
    return ticks;
  }

  /** Round steps (1, 2, 5 × 10ⁿ; minutes and hours on a long time axis) that cover low..high in about `wanted` ticks. */
  function linearTicks(low, high, wanted, unit) {
    const rough = (high - low) / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const round = [1, 2, 5, 10].map((n) => n * power);
    const long = unit === "s" && high >= LONG_S && LONG_STEPS_S.find((step) => step >= rough);
    const step = long || round.find((n) => n >= rough * 0.999);
    const ticks = multiples(step, low, high);
    // Two ticks hardly show a scale: then the next smaller step.
    return ticks.length > 2 ? ticks : multiples(step / (step === round[2] ? 2.5 : 2), low, high);
  }

  /** 1, 2, 5 of each decade where there is room, else decades alone; round steps where that leaves too few. */
  function logTicks(low, high, wanted, unit) {
    const at = (marks) => {
      const ticks = [];
      for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
        ticks.push(...marks.map((mark) => mark * 10 ** power).filter((tick) => tick >= low * 0.999 && tick <= high * 1.001));
      }
      return ticks;
    };
    const even = (wanted) => linearTicks(low, high, wanted, unit).filter((tick) => tick > 0);
    const isNarrow = Math.log10(high / low) * 3 <= wanted * 1.3;
    // One tick alone does not show the scale.
    const choices = [isNarrow ? at([1, 2, 5]) : at([1]), at([1, 2, 5]), even(Math.min(wanted, 3)), even(6), [low, high]];
    return choices.find((ticks) => ticks.length > 1);
  }

  const SCALES = {
    linear: { of: (value) => value, ticks: linearTicks },
    /** Positive values only: others are gaps. */
    log: { of: Math.log10, ticks: logTicks },
    /** Shares of 1, ever finer towards it: log(1 / (1 − q)). */
    tail: { of: (share) => -Math.log10(1 - share), ticks: (low, high) => PERCENTILES.filter((q) => q >= low && q <= high) },
  };

  /** Maps low..high to pixels from..to. */
  function scale(axis, low, high, from, to, wanted) {
    const { of, ticks } = SCALES[axis.scale || "linear"];
    const span = of(high) - of(low) || 1;
    const place = (value) => from + ((of(value) - of(low)) / span) * (to - from);
    const text = (value, tick) => UNITS[axis.unit](value, tick, high);
    return { place, text, ticks: ticks(low, high, wanted, axis.unit) };
  }

  // ---- elements -----------------------------------------------------------------------------

  function node(name, attributes, parent, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  function element(name, className, parent, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  const tone = (name) => `var(--tone-${name})`;

  /** The title, and a legend of the lines that have values unless there is but one; its entries turn them off and on. */
  function caption(parent, spec, off, toggle) {
    element("b", "", parent, spec.title);
    const isMeasured = ({ values }) => values.some((value) => value !== null && value !== undefined);
    const keys = spec.kind === "lines" ? [...spec.series.filter(isMeasured), ...(spec.rules || [])] : [];
    if (keys.length < 2) return;
    const legend = element("ul", "", parent);
    for (const key of keys) {
      const entry = element("li", "", legend);
      const part = key.tone ? element("button", "", entry) : entry;
      const mark = element("i", key.tone ? "key" : "key dashed", part);
      part.append(key.name);
      if (!key.tone) continue;
      mark.style.background = tone(key.tone);
      part.type = "button";
      part.setAttribute("aria-pressed", String(!off.has(key.name)));
      part.addEventListener("click", () => toggle(key.name));
    }
  }

  // ---- lines --------------------------------------------------------------------------------

  const shown = (value, axis) => value !== null && value !== undefined && (axis.scale !== "log" || value > 0);

  /** The lowest and highest value that the y axis shows. */
  function range(spec) {
    const values = [...spec.series.flatMap((series) => series.values), ...(spec.rules || []).map((rule) => rule.value)];
    let [low, high] = [Infinity, spec.y.unit === "count" ? 1 : 0];
    for (const value of values) {
      if (!shown(value, spec.y)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (spec.y.scale === "log") return low < Infinity ? [low / 1.15, high * 1.15] : [1, 10];
    return [0, (high || 1) * 1.08];
  }

  function axes(svg, spec, width) {
    const [top, bottom, right] = [10, HEIGHT - 26, width - 14];
    const y = scale(spec.y, ...range(spec), bottom, top, Math.max(2, (bottom - top) / 42));
    const left = Math.max(...y.ticks.map((tick) => y.text(tick, true).length), 3) * 6.8 + 18;
    const [first, last] = spec.at.length ? [spec.at[0], spec.at[spec.at.length - 1]] : [0, 1];
    const x = scale(spec.x, first, last > first ? last : first + 1, left, right, (right - left) / 76);
    for (const tick of y.ticks) {
      const at = y.place(tick);
      node("line", { class: tick === 0 ? "axis" : "grid", x1: left, x2: right, y1: at, y2: at }, svg);
      node("text", { class: "tick", x: left - 8, y: at + 4, "text-anchor": "end" }, svg, y.text(tick, true));
    }
    verticals(svg, x, top, bottom, Boolean(spec.x.scale));
    return { x, y, top, bottom, left, right };
  }

  /** The ticks of the x axis; those that would touch the one before are left out. */
  function verticals(svg, x, top, bottom, grid) {
    let free = -Infinity;
    for (const tick of x.ticks) {
      const [at, text] = [x.place(tick), x.text(tick, true)];
      if (grid) node("line", { class: "grid", x1: at, x2: at, y1: top, y2: bottom }, svg);
      const half = text.length * 3.4;
      if (at - half < free) continue;
      free = at + half + 8;
      // The last one stays inside of the drawing.
      const middle = Math.min(at, Number(svg.getAttribute("width")) - half - 1);
      node("text", { class: "tick", x: middle, y: bottom + 18, "text-anchor": "middle" }, svg, text);
    }
  }

  /** Runs of neighbouring points that have a value, in pixels. */
  function runs(spec, series, { x, y }) {
    const found = [[]];
    spec.at.forEach((at, i) => {
      if (shown(series.values[i], spec.y)) found[found.length - 1].push([x.place(at), y.place(series.values[i])]);
      else if (found[found.length - 1].length) found.push([]);
    });
    return found.filter((run) => run.length);
  }

  function lines(svg, spec, width) {
    const frame = axes(svg, spec, width);
    const { x, y, top, bottom, left, right } = frame;
    for (const series of spec.series) {
      for (const run of runs(spec, series, frame)) {
        const line = "M" + run.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join("L");
        const [first, last] = [run[0], run[run.length - 1]];
        const area = `${line}L${last[0]} ${bottom}L${first[0]} ${bottom}Z`;
        if (series.fill) node("path", { class: "fill", d: area, fill: tone(series.tone) }, svg);
        if (run.length === 1) node("circle", { cx: first[0], cy: first[1], r: 2, fill: tone(series.tone) }, svg);
        node("path", { class: "line", d: line, stroke: tone(series.tone) }, svg);
      }
    }
    for (const { value } of spec.rules || []) {
      node("line", { class: "rule", x1: left, x2: right, y1: y.place(value), y2: y.place(value) }, svg);
    }
    for (const shade of spec.shades || []) {
      const [from, to] = [x.place(shade.from), Math.min(right, x.place(shade.to))];
      node("rect", { class: "shade", x: from, y: top, width: Math.max(0, to - from), height: bottom - top }, svg);
      node("text", { class: "note", x: from + 6, y: bottom - 7 }, svg, shade.name);
    }
    return frame;
  }

  // ---- bars ---------------------------------------------------------------------------------

  function bars(svg, spec, width) {
    const rules = spec.rules || [];
    const values = spec.rows.flatMap((row) => [row.value, row.high || 0, ...(row.dots || [])]);
    const high = Math.max(...values, ...rules.map((rule) => rule.value)) || 1;
    const [top, bottom, left, right] = [4, 8 + spec.rows.length * ROW, 12, width - 24];
    const x = scale(spec.x, 0, high * 1.06, left, right, (right - left) / 76);
    verticals(svg, x, top, bottom, true);
    node("line", { class: "axis", x1: left, x2: left, y1: top, y2: bottom }, svg);
    spec.rows.forEach((row, i) => bar(svg, row, x, top + i * ROW));
    for (const rule of rules) {
      const at = x.place(rule.value);
      const whole = rule.row === undefined;
      const from = whole ? top : top + rule.row * ROW + 20;
      node("line", { class: "rule", x1: at, x2: at, y1: from, y2: whole ? bottom : from + 46 }, svg);
      const anchor = at > (left + right) / 2 ? "end" : "start";
      if (!whole) node("text", { class: "note", x: at, y: from - 4, "text-anchor": anchor }, svg, `${rule.name} ${x.text(rule.value)}`);
    }
  }

  /** One row: its name and value, the bar with its interval, its dots below. */
  function bar(svg, row, x, top) {
    const [middle, start] = [top + 37, x.place(0)];
    const interval = row.low !== undefined && row.low !== null;
    const within = interval ? ` (${x.text(row.low)} to ${x.text(row.high)})` : "";
    const name = node("text", { class: "name", x: start + 6, y: top + 16 }, svg, row.name);
    node("tspan", { class: "value", dx: 8 }, name, x.text(row.value) + within);
    const length = Math.max(1, x.place(row.value) - start);
    node("rect", { class: "bar", x: start, y: middle - 11, width: length, height: 22, rx: 3, fill: tone(row.tone) }, svg);
    (row.dots || []).forEach((value, i) => {
      const dot = node("circle", { class: "dot", cx: x.place(value), cy: middle + 20 + ((i % 3) - 1) * 3, r: 2.4 }, svg);
      node("title", {}, dot, x.text(value));
    });
    if (!interval) return;
    const [low, high] = [x.place(row.low), x.place(row.high)];
    const cap = (at) => `M${at} ${middle - 8}V${middle + 8}`;
    node("path", { class: "whisker", d: `M${low} ${middle}H${high}${cap(low)}${cap(high)}` }, svg);
  }

  // ---- the crosshair ------------------------------------------------------------------------

  /** The place in the rising `at` that is nearest to `value`. */
  function nearest(at, value) {
    let [low, high] = [0, at.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Math.abs(at[middle] - value) <= Math.abs(at[middle + 1] - value)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Marks one x value of what is drawn, and says the values there. */
  function mark({ svg, tip, spec, frame }, index) {
    const at = frame.x.place(spec.at[index]);
    const cross = node("g", { class: "cross" }, svg);
    node("line", { x1: at, x2: at, y1: frame.top, y2: frame.bottom }, cross);
    tip.replaceChildren();
    element("b", "", tip, frame.x.text(spec.at[index]));
    for (const series of spec.series) {
      const value = series.values[index];
      const there = shown(value, spec.y);
      if (there) node("circle", { r: 3.5, cx: at, cy: frame.y.place(value), fill: tone(series.tone) }, cross);
      const row = element("span", "", tip);
      element("i", "key", row).style.background = tone(series.tone);
      row.append(series.name);
      element("em", "", row, there ? frame.y.text(value) : "n/a");
    }
    tip.hidden = false;
    const isRoom = at + tip.offsetWidth + 16 < frame.right;
    tip.style.left = `${Math.max(0, isRoom ? at + 12 : at - tip.offsetWidth - 12)}px`;
    return cross;
  }

  /** All charts of the page, to be found by the others of their group, and before printing. */
  const charts = new Set();

  /** Puts the crosshair of a chart, and of those that share it, at an x value; `null` takes it away. */
  function point(chart, at) {
    const group = chart.group();
    const together = group === undefined ? [chart] : [...charts].filter((other) => other.group() === group);
    for (const other of together) other.point(at);
  }

  /** The pointer leads the crosshair; so do the arrow keys, Home and End. */
  function listen(chart, svg) {
    function follow(event) {
      const { at, place } = chart.across();
      if (at.length) point(chart, at[nearest(at.map(place), event.clientX - svg.getBoundingClientRect().left)]);
    }

    function step(event) {
      const { at, pointed } = chart.across();
      const last = at.length - 1;
      const here = pointed === null ? last : nearest(at, pointed);
      const keys = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last };
      if (last < 0 || !(event.key in keys)) return;
      event.preventDefault();
      point(chart, at[Math.min(Math.max(keys[event.key], 0), last)]);
    }

    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerdown", follow);
    svg.addEventListener("keydown", step);
    for (const end of ["pointerleave", "blur"]) svg.addEventListener(end, () => point(chart, null));
  }

  // ---- entry --------------------------------------------------------------------------------

  function weirChart(figure, first) {
    figure.replaceChildren();
    const heading = element("figcaption", "", figure);
    const plot = element("div", "plot", figure);
    const svg = node("svg", { role: "img" }, plot);
    const tip = element("div", "tip", plot);
    tip.setAttribute("aria-live", "polite");
    let [data, spec, frame, pointed, cross, paper] = [first, first, null, null, null, 0];
    /** The names of the lines that the reader has turned off. */
    const off = new Set();

    function toggle(name) {
      if (!off.delete(name)) off.add(name);
      draw();
    }

    function draw() {
      spec = data.kind === "lines" ? { ...data, series: data.series.filter(({ name }) => !off.has(name)) } : data;
      const width = paper || Math.max(240, plot.clientWidth);
      const height = spec.kind === "bars" ? 34 + spec.rows.length * ROW : HEIGHT;
      for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": spec.title })) {
        svg.setAttribute(key, value);
      }
      heading.replaceChildren();
      caption(heading, data, off, toggle);
      svg.replaceChildren();
      frame = spec.kind === "bars" ? bars(svg, spec, width) : lines(svg, spec, width);
      if (frame) svg.setAttribute("tabindex", "0");
      show(pointed);
    }

    function show(at) {
      pointed = at;
      if (cross) cross.remove();
      tip.hidden = true;
      cross = at !== null && frame && spec.at.length ? mark({ svg, tip, spec, frame }, nearest(spec.at, at)) : null;
    }

    const chart = {
      group: () => spec.group,
      across: () => ({ at: frame ? spec.at : [], place: frame && frame.x.place, pointed }),
      point: show,
      print: (on) => {
        paper = on && (figure.matches(":last-child:nth-child(odd)") ? PAPER.whole : PAPER.half);
        draw();
      },
    };
    charts.add(chart);
    listen(chart, svg);
    let width = 0;
    const observer = new ResizeObserver(() => {
      if (plot.clientWidth === width) return;
      width = plot.clientWidth;
      requestAnimationFrame(draw);
    });
    observer.observe(plot);
    draw();
    return {
      update(next) {
        data = next;
        draw();
      },
      remove() {
        observer.disconnect();
        charts.delete(chart);
        figure.remove();
      },
    };
  }

  window.addEventListener("beforeprint", () => charts.forEach((chart) => chart.print(true)));
  window.addEventListener("afterprint", () => charts.forEach((chart) => chart.print(false)));
  window.weirChart = weirChart;
  window.weirUnits = UNITS;
})();
