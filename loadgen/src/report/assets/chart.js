// Charts as SVG, drawn in the page from plain data: no network, no library.
//
//   weirChart(figure, spec)   draws `spec` into `figure` (call again with new data to redraw)
//
// A spec is one of
//   { kind: "lines", x, y, at: [..], series: [{ name, tone, fill?, values: [..] }], shade?: [{ from, to, name }],
//     rules?: [{ value, name }] }           values share `at`; null is a gap; `rules` are horizontal
//   { kind: "bars", x, rows: [{ name, tone, value, low?, high?, dots?: [..] }], rules?: [{ value, name, row? }] }
//                                           `rules` are vertical: through all rows, or through one, which is then named
// where x and y are { unit, scale?: "log" } and a unit is one of the keys of UNITS.
// Colours come from the stylesheet (--tone-NAME), so that light and dark need no second drawing.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";

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

  const UNITS = {
    ms: milliseconds,
    s: (value) => count(value) + " s",
    per_second: (value) => count(value) + " /s",
    count,
    percent: (value, tick) => figures(value, tick) + " %",
    ratio: (value, tick) => figures(value, tick) + " ×",
  };

  function node(name, attributes, parent, text) {
    const made = document.createElementNS(SVG, name);
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

  // ---- scales -------------------------------------------------------------------------------

  /** Round steps (1, 2, 5 × 10ⁿ) that cover low..high in about `count` ticks. */
  function linearTicks(low, high, count) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999);
    const ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i += 1) ticks.push(i * step);
    return ticks;
  }

  /** 1, 2, 5 of each decade where there is room, else decades alone. */
  function logTicks(low, high, count) {
    const decades = Math.log10(high / low);
    const marks = decades * 3 <= count * 1.3 ? [1, 2, 5] : [1];
    const ticks = [];
    for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p += 1) {
      for (const mark of marks) {
        const value = mark * 10 ** p;
        if (value >= low * 0.999 && value <= high * 1.001) ticks.push(value);
      }
    }
    return ticks;
  }

  /** Maps low..high to pixels from..to. */
  function scale(axis, low, high, from, to, count) {
    const log = axis.scale === "log";
    const at = log ? Math.log : (value) => value;
    const span = at(high) - at(low) || 1;
    const place = (value) => from + ((at(value) - at(low)) / span) * (to - from);
    return { place, ticks: log ? logTicks(low, high, count) : linearTicks(low, high, count) };
  }

  // ---- the frame: axes, grid, shades --------------------------------------------------------

  function horizontalGrid(svg, y, unit, left, right) {
    for (const tick of y.ticks) {
      const at = y.place(tick);
      node("line", { class: tick === 0 ? "axis" : "grid", x1: left, x2: right, y1: at, y2: at }, svg);
      node("text", { class: "tick", x: left - 8, y: at + 4, "text-anchor": "end" }, svg, unit(tick, true));
    }
  }

  function verticalTicks(svg, x, unit, top, bottom, grid) {
    for (const tick of x.ticks) {
      const at = x.place(tick);
      if (grid) node("line", { class: "grid", x1: at, x2: at, y1: top, y2: bottom }, svg);
      node("text", { class: "tick", x: at, y: bottom + 18, "text-anchor": "middle" }, svg, unit(tick, true));
    }
  }

  /** How wide the labels of the y axis are, about. */
  const labelWidth = (ticks, unit) => Math.max(...ticks.map((tick) => unit(tick, true).length), 3) * 6.8 + 18;

  // ---- lines --------------------------------------------------------------------------------

  /** Runs of neighbouring points that have a value. */
  function runs(at, values) {
    const found = [];
    let run = [];
    at.forEach((x, i) => {
      if (values[i] === null || values[i] === undefined) {
        if (run.length) found.push(run);
        run = [];
      } else {
        run.push([x, values[i]]);
      }
    });
    if (run.length) found.push(run);
    return found;
  }

  function drawSeries(svg, spec, x, y, bottom) {
    for (const series of spec.series) {
      for (const run of runs(spec.at, series.values)) {
        const points = run.map(([px, py]) => `${x.place(px).toFixed(1)} ${y.place(py).toFixed(1)}`);
        const line = "M" + points.join("L");
        const [first, last] = [x.place(run[0][0]), x.place(run[run.length - 1][0])];
        if (series.fill) {
          node("path", { class: "fill", d: `${line}L${last} ${bottom}L${first} ${bottom}Z`, fill: tone(series.tone) }, svg);
        }
        if (run.length === 1) node("circle", { cx: first, cy: y.place(run[0][1]), r: 2, fill: tone(series.tone) }, svg);
        node("path", { class: "line", d: line, stroke: tone(series.tone) }, svg);
      }
    }
  }

  function drawShades(svg, spec, x, top, bottom) {
    for (const shade of spec.shade || []) {
      const [from, to] = [x.place(shade.from), x.place(shade.to)];
      node("rect", { class: "shade", x: from, y: top, width: Math.max(0, to - from), height: bottom - top }, svg);
      node("text", { class: "note", x: from + 6, y: bottom - 7 }, svg, shade.name);
    }
  }

  function lines(svg, spec, width, height) {
    const [xUnit, yUnit] = [UNITS[spec.x.unit], UNITS[spec.y.unit]];
    const values = spec.series.flatMap((series) => series.values).concat((spec.rules || []).map((rule) => rule.value));
    const known = values.filter((value) => value !== null && value !== undefined);
    const [top, bottom] = [10, height - 26];
    const high = Math.max(...known, spec.y.unit === "count" ? 1 : 0) || 1;
    const y = scale(spec.y, 0, high * 1.08, bottom, top, Math.max(2, (bottom - top) / 42));
    const [left, right] = [labelWidth(y.ticks, yUnit), width - 14];
    const [first, last] = [spec.at[0], spec.at[spec.at.length - 1]];
    const x = scale(spec.x, first, last > first ? last : first + 1, left, right, (right - left) / 76);
    horizontalGrid(svg, y, yUnit, left, right);
    verticalTicks(svg, x, xUnit, top, bottom, spec.x.scale === "log");
    drawSeries(svg, spec, x, y, bottom);
    for (const rule of spec.rules || []) {
      const at = y.place(rule.value);
      node("line", { class: "rule", x1: left, x2: right, y1: at, y2: at }, svg);
    }
    drawShades(svg, spec, x, top, bottom);
    return { x, y, top, bottom, left, right };
  }

  /** The crosshair: shows the values nearest to the pointer, or moves with the arrow keys. */
  function hover(figure, svg, spec, frame) {
    const tip = element("div", "tip", figure);
    const cross = node("g", { class: "cross" }, svg);
    const stem = node("line", { y1: frame.top, y2: frame.bottom }, cross);
    const dots = spec.series.map((series) => node("circle", { r: 3.5, fill: tone(series.tone) }, cross));
    let place = spec.at.length - 1;

    function show(index) {
      place = Math.min(Math.max(index, 0), spec.at.length - 1);
      const at = frame.x.place(spec.at[place]);
      stem.setAttribute("x1", at);
      stem.setAttribute("x2", at);
      tip.replaceChildren();
      element("b", "", tip, UNITS[spec.x.unit](spec.at[place]));
      spec.series.forEach((series, i) => {
        const value = series.values[place];
        const missing = value === null || value === undefined;
        dots[i].style.display = missing ? "none" : "";
        if (!missing) {
          dots[i].setAttribute("cx", at);
          dots[i].setAttribute("cy", frame.y.place(value));
        }
        const row = element("span", "", tip);
        element("i", "key", row).style.background = tone(series.tone);
        row.append(series.name);
        element("em", "", row, missing ? "n/a" : UNITS[spec.y.unit](value));
      });
      figure.classList.add("hovered");
      const box = svg.getBoundingClientRect();
      const outer = figure.getBoundingClientRect();
      const onRight = at + tip.offsetWidth + 18 < frame.right;
      tip.style.left = `${box.left - outer.left + (onRight ? at + 12 : at - tip.offsetWidth - 12)}px`;
      tip.style.top = `${box.top - outer.top + frame.top}px`;
    }

    function nearest(event) {
      const pointer = event.clientX - svg.getBoundingClientRect().left;
      let best = 0;
      spec.at.forEach((value, i) => {
        if (Math.abs(frame.x.place(value) - pointer) < Math.abs(frame.x.place(spec.at[best]) - pointer)) best = i;
      });
      show(best);
    }

    const hide = () => figure.classList.remove("hovered");
    svg.addEventListener("pointermove", nearest);
    svg.addEventListener("pointerdown", nearest);
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      show(place + step);
    });
  }

  // ---- bars ---------------------------------------------------------------------------------

  const ROW = 74;

  function bars(svg, spec, width, height) {
    const unit = UNITS[spec.x.unit];
    const all = spec.rows.flatMap((row) => [row.value, row.high || 0, ...(row.dots || [])]);
    const high = Math.max(...all, ...(spec.rules || []).map((rule) => rule.value)) || 1;
    const [top, bottom] = [4, height - 26];
    const [left, right] = [12, width - 24];
    const x = scale(spec.x, 0, high * 1.06, left, right, (right - left) / 76);
    verticalTicks(svg, x, unit, top, bottom, true);
    node("line", { class: "axis", x1: left, x2: left, y1: top, y2: bottom }, svg);
    spec.rows.forEach((row, i) => bar(svg, row, x, top + i * ROW, unit));
    for (const rule of spec.rules || []) {
      const at = x.place(rule.value);
      const whole = rule.row === undefined;
      const from = whole ? top : top + rule.row * ROW + 20;
      node("line", { class: "rule", x1: at, x2: at, y1: from, y2: whole ? bottom : from + 46 }, svg);
      if (whole) continue;
      const anchor = at > (left + right) / 2 ? "end" : "start";
      node("text", { class: "note", x: at, y: from - 4, "text-anchor": anchor }, svg, `${rule.name} ${unit(rule.value)}`);
    }
  }

  /** One row: its name and value, the bar with its interval, its dots below. */
  function bar(svg, row, x, top, unit) {
    const middle = top + 37;
    const start = x.place(0);
    const interval = row.low !== undefined && row.low !== null;
    const name = node("text", { class: "name", x: start + 6, y: top + 16 }, svg, row.name);
    const within = interval ? ` (${unit(row.low)} to ${unit(row.high)})` : "";
    node("tspan", { class: "value", dx: 8 }, name, unit(row.value) + within);
    const length = Math.max(1, x.place(row.value) - start);
    node("rect", { class: "bar", x: start, y: middle - 11, width: length, height: 22, rx: 3, fill: tone(row.tone) }, svg);
    (row.dots || []).forEach((value, i) => {
      const dot = node("circle", { class: "dot", cx: x.place(value), cy: middle + 20 + ((i % 3) - 1) * 3, r: 2.4 }, svg);
      node("title", {}, dot, unit(value));
    });
    if (!interval) return;
    const [low, high] = [x.place(row.low), x.place(row.high)];
    const cap = (at) => `M${at} ${middle - 8}V${middle + 8}`;
    node("path", { class: "whisker", d: `M${low} ${middle}H${high}${cap(low)}${cap(high)}` }, svg);
  }

  // ---- entry --------------------------------------------------------------------------------

  function draw(figure, spec) {
    figure.querySelectorAll(":scope > svg, :scope > .tip").forEach((old) => old.remove());
    const width = Math.max(280, figure.clientWidth);
    const height = spec.kind === "bars" ? 34 + spec.rows.length * ROW : 230;
    const title = figure.querySelector("figcaption b");
    const svg = node("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img" }, figure);
    svg.setAttribute("aria-label", title ? title.textContent : "chart");
    if (spec.kind === "bars") return bars(svg, spec, width, height);
    svg.setAttribute("tabindex", "0");
    hover(figure, svg, spec, lines(svg, spec, width, height));
  }

  window.weirChart = draw;
})();
