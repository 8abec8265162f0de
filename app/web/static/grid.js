// A box map by keyboard: one tab stop, arrows move, Home and End go to the ends of the row.

export function bindGrids(root = document) {
  for (const grid of root.querySelectorAll('[role="grid"]')) bind(grid);
}

function bind(grid) {
  const rows = [...grid.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll(".cell")]);
  grid.addEventListener("keydown", (event) => {
    const down = rows.findIndex((row) => row.includes(event.target));
    if (down < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = moved(rows, down, rows[down].indexOf(event.target), event.key);
    if (!target) return;
    event.preventDefault();
    focus(grid, target);
  });
  grid.addEventListener("focusin", (event) => event.target.matches(".cell") && mark(grid, event.target));
}

function moved(rows, down, across, key) {
  switch (key) {
    case "ArrowRight":
      return rows[down][across + 1];
    case "ArrowLeft":
      return rows[down][across - 1];
    case "ArrowDown":
      return rows[down + 1]?.[across];
    case "ArrowUp":
      return rows[down - 1]?.[across];
    case "Home":
      return rows[down][0];
    case "End":
      return rows[down].at(-1);
    default:
      return null;
  }
}

function focus(grid, cell) {
  mark(grid, cell);
  cell.focus();
}

function mark(grid, cell) {
  for (const other of grid.querySelectorAll('.cell[tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
}
