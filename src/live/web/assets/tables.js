// Tables whose rows change every second and stay sorted as the reader wants them.
//
//   const table = liveTable(place, { columns, empty })   makes a table in the element `place`
//   table.show(rows, foot)                               shows these rows, and one below that stays there
//
// A column is { name, value, text?, words?, bad? }: `value` takes a row and gives what is sorted by; `text` makes that
// readable; `words` marks text; `bad` says whether a value is alarming. Without rows, `empty` is said.
(() => {
  "use strict";

  function element(name, parent, text) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  function compare(one, other) {
    if (typeof one === "string") return one.localeCompare(other);
    // What was not measured comes below all else.
    return (one ?? -Infinity) - (other ?? -Infinity);
  }

  function cell(row, column, value) {
    const missing = value === null || value === undefined;
    const made = element("td", row, missing ? "n/a" : column.text ? column.text(value) : value);
    if (column.words) made.className = "text";
    else if (missing) made.className = "none";
    else if (column.bad && column.bad(value)) made.className = "bad";
  }

  function liveTable(place, { columns, empty }) {
    const quiet = element("p", place, empty);
    quiet.className = "quiet";
    const frame = element("div", place);
    frame.className = "scroll";
    const table = element("table", frame);
    const head = element("tr", element("thead", table));
    const body = element("tbody", table);
    const foot = element("tfoot", table);
    let last = { rows: [], foot: undefined };
    let order = null;

    columns.forEach((column, place) => {
      const title = element("th", head);
      title.scope = "col";
      if (column.words) title.className = "text";
      const button = element("button", title, column.name);
      button.type = "button";
      button.addEventListener("click", () => {
        const falling = order === null || order.place !== place || !order.falling;
        order = { place, falling };
        for (const other of head.cells) other.removeAttribute("aria-sort");
        title.setAttribute("aria-sort", falling ? "descending" : "ascending");
        show(last.rows, last.foot);
      });
    });

    function sorted(rows) {
      if (order === null) return rows;
      const { value } = columns[order.place];
      const sign = order.falling ? -1 : 1;
      return [...rows].sort((one, other) => sign * compare(value(one), value(other)));
    }

    function fill(part, rows) {
      part.replaceChildren();
      for (const row of rows) {
        const line = element("tr", part);
        for (const column of columns) cell(line, column, column.value(row));
      }
    }

    function show(rows, below) {
      last = { rows, foot: below };
      quiet.hidden = rows.length > 0 || !empty;
      frame.hidden = !quiet.hidden;
      fill(body, sorted(rows));
      fill(foot, below ? [below] : []);
    }

    show([], undefined);
    return { show };
  }

  window.liveTable = liveTable;
})();
