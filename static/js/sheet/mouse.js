/* The mouse on a sheet: click, drag and shift-click select, double click opens. */
export function attachMouse(grid) {
  const { table } = grid;
  let isDragging = false;

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
    grid.commit();
    grid.select(...at, { extend: event.shiftKey });
    isDragging = true;
  });
  table.addEventListener("mouseover", (event) => {
    const at = isDragging && place(event);
    if (!at) return;
    if (event.buttons !== 1) isDragging = false;
    else if (at[0] !== grid.endRow || at[1] !== grid.endColumn) grid.select(...at, { extend: true });
  });
  document.addEventListener("mouseup", () => (isDragging = false));
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
