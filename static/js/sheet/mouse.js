/* The mouse on a sheet: click, drag and shift-click select, the corner fills, double click opens. */
const CORNER_PX = 9;
export function attachMouse(grid) {
  const { table } = grid;
  let isDragging = false;
  let filled = null; // the range whose corner is dragged

  /** Whether the event is on the handle at the lower right of the range. */
  const isOnCorner = (event) => {
    const td = event.target.closest("[data-cell].is-bottom.is-right");
    if (!td || !grid.canSave || grid.editor) return false;
    const box = td.getBoundingClientRect();
    return box.right - event.clientX < CORNER_PX && box.bottom - event.clientY < CORNER_PX;
  };

  /** Stretch the dragged range to a cell, along one axis as in Excel. */
  const stretched = ([row, column]) => {
    const { top, left, height, width } = filled;
    const down = Math.max(top - row, row - (top + height - 1), 0);
    const across = Math.max(left - column, column - (left + width - 1), 0);
    if (down >= across) {
      const first = Math.min(top, row);
      return { ...filled, top: first, height: Math.max(top + height - 1, row) - first + 1 };
    }
    const first = Math.min(left, column);
    return { ...filled, left: first, width: Math.max(left + width - 1, column) - first + 1 };
  };

  const place = (event) => {
    const td = event.target.closest("[data-cell]");
    if (!td) return null;
    const row = grid.tds.findIndex((tds) => tds.includes(td));
    return row < 0 ? null : [row, grid.tds[row].indexOf(td)];
  };

  table.addEventListener("mousedown", (event) => {
    const at = place(event);
    if (!at || event.button !== 0 || event.target.closest(".sheet__editor, a, button")) return;
    event.preventDefault();
    if (isOnCorner(event)) {
      filled = grid.range();
      return;
    }
    grid.commit();
    grid.select(...at, { extend: event.shiftKey });
    isDragging = true;
  });
  table.addEventListener("mouseover", (event) => {
    const at = (isDragging || filled) && place(event);
    if (!at) return;
    if (filled) {
      grid.selectRange(stretched(at));
      return;
    }
    if (event.buttons !== 1) isDragging = false;
    else if (at[0] !== grid.endRow || at[1] !== grid.endColumn) grid.select(...at, { extend: true });
  });
  document.addEventListener("mouseup", () => {
    isDragging = false;
    if (!filled) return;
    const source = filled;
    filled = null;
    grid.apply(grid.model.fillOver(source, grid.range()));
  });
  table.addEventListener("click", (event) => {
    const { cell } = grid.active();
    if (place(event) && cell?.isLocked && !event.shiftKey) grid.explainLock?.();
  });
  table.addEventListener("dblclick", (event) => {
    if (place(event) && !grid.editor) grid.edit();
  });
  table.addEventListener("focusin", (event) => {
    const at = !grid.editor && place(event);
    if (at && (at[0] !== grid.row || at[1] !== grid.column)) grid.select(...at);
  });
}
