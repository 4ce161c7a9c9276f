/* The keyboard of a sheet: as in Excel where the browser allows it. */
const DIRECTIONS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
// With a Chinese input method on, a digit arrives as "Process"; the key itself still says which.
const TYPED = /^(?:Digit|Numpad)(\d)$/;
const STARTS = /^[\d.,+\-(¥%\uFF10-\uFF19\uFF0E\uFF0B\uFF0D\uFFE5]$/;

export function attachKeys(grid) {
  const { table } = grid;
  let isLeaving = false;

  const move = (rows, columns, extend = false) => {
    const [row, column] = extend ? [grid.endRow, grid.endColumn] : [grid.row, grid.column];
    grid.select(row + rows, column + columns, { extend });
  };

  /** Go on to the next cell in reading order; false at either end of the sheet. */
  function step(by) {
    const width = grid.tds[grid.row].length;
    if (grid.column + by >= 0 && grid.column + by < width) move(0, by);
    else if (grid.tds[grid.row + by]) grid.select(grid.row + by, by > 0 ? 0 : grid.tds[grid.row + by].length - 1);
    else return false;
    return true;
  }

  function typing(event) {
    const { isReplacing } = grid.editor;
    if (event.isComposing) return;
    if (event.key === "Enter") {
      grid.commit();
      move(event.shiftKey ? -1 : 1, 0);
    } else if (event.key === "Tab") {
      grid.commit();
      if (!step(event.shiftKey ? -1 : 1)) grid.focus();
    } else if (event.key === "Escape") {
      grid.commit({ cancel: true });
      grid.focus();
    } else if (isReplacing && DIRECTIONS[event.key]) {
      grid.commit();
      move(...DIRECTIONS[event.key]);
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      grid.save();
      grid.focus();
    } else return;
    event.preventDefault();
  }

  function withControl(event) {
    const range = grid.range();
    switch (event.key.toLowerCase()) {
      case "z":
        return event.shiftKey ? grid.redo() : grid.undo();
      case "y":
        return grid.redo();
      case "s":
        return grid.save();
      case "a":
        return grid.selectAll();
      case "d":
        return grid.canSave && grid.apply(grid.model.fill(range, "down"));
      case "r":
        return grid.canSave && grid.apply(grid.model.fill(range, "right"));
      case "home":
        return grid.select(0, 0, { extend: event.shiftKey });
      case "end":
        return grid.select(grid.rows.length - 1, grid.model.columns - 1, { extend: event.shiftKey });
      case "l":
        return grid.lock ? grid.lock() : "pass";
      default: {
        const direction = DIRECTIONS[event.key];
        if (!direction) return "pass";
        const [rows, columns] = direction.map((way) => way * 10_000);
        return move(rows, columns, event.shiftKey);
      }
    }
  }

  function walking(event) {
    const { key, shiftKey } = event;
    if (DIRECTIONS[key]) return move(...DIRECTIONS[key], shiftKey);
    if (key === "Home") return grid.select(shiftKey ? grid.endRow : grid.row, 0, { extend: shiftKey });
    if (key === "End") return grid.select(shiftKey ? grid.endRow : grid.row, grid.model.columns - 1, { extend: shiftKey });
    if (key === "PageDown") return move(10, 0, shiftKey);
    if (key === "PageUp") return move(-10, 0, shiftKey);
    if (key === "Enter") return move(shiftKey ? -1 : 1, 0);
    if (key === "F2") return grid.active().cell.isLocked && grid.explainLock ? grid.explainLock() : grid.edit();
    if (key === "Delete" || key === "Backspace") return grid.clear();
    if (key === "Tab") {
      // Esc, then Tab, leaves the sheet; so does Tab beyond either end.
      if (isLeaving || !step(shiftKey ? -1 : 1)) return "pass";
      return true;
    }
    const digit = key === "Process" && TYPED.exec(event.code);
    if (digit) return grid.edit(digit[1]);
    if (STARTS.test(key)) return grid.edit(key);
    return "pass";
  }

  table.addEventListener("keydown", (event) => {
    if (grid.editor) return typing(event);
    if (!event.target.closest("[data-cell]")) return;
    if (event.key === "Escape") {
      isLeaving = true;
      grid.select(grid.row, grid.column);
      return;
    }
    const hasControl = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (event.altKey) return;
    const taken = hasControl ? withControl(event) : walking(event);
    if (event.key !== "Shift") isLeaving = false;
    if (taken !== "pass") event.preventDefault();
  });

  const isOurs = (event) => !grid.editor && event.target.closest?.("[data-sheet]") === table;
  document.addEventListener("copy", (event) => {
    if (!isOurs(event)) return;
    event.clipboardData.setData("text/plain", grid.copyText());
    event.preventDefault();
  });
  document.addEventListener("cut", (event) => {
    if (!isOurs(event)) return;
    event.clipboardData.setData("text/plain", grid.copyText());
    event.preventDefault();
    grid.clear();
  });
  document.addEventListener("paste", (event) => {
    if (!isOurs(event) || !grid.canSave) return;
    event.preventDefault();
    grid.paste(event.clipboardData.getData("text/plain"));
  });
}
