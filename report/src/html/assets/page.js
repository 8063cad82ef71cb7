// Brings the report to life: draws each figure from the data at the end of the page, and lets tables be sorted.
(() => {
  "use strict";

  const charts = JSON.parse(document.getElementById("charts").textContent);
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    window.weirChart(figure, charts[figure.dataset.chart]);
  }

  /** Sorts by a column: cells carry their value in data-value where their text would not sort. */
  function sort(table, column, direction) {
    const value = (row) => {
      const cell = row.cells[column];
      return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
    };
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => {
      const [left, right] = [value(a), value(b)];
      const order = typeof left === "number" ? left - right : left.localeCompare(right);
      return direction === "ascending" ? order : -order;
    });
    table.tBodies[0].append(...rows);
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
        for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", direction);
        sort(table, column, direction);
      });
    });
  }
})();
