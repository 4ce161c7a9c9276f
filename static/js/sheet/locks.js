/* Locked cells: what is locked, why and by whom; locking and unlocking with a reason. */
import { ask } from "../confirm.js";
import { make } from "../dom.js";
import { fill, gettext, ngettext } from "../words.js";
import { shown } from "./amounts.js";
import { bodyOf } from "./save.js";

/** Give the grid `explainLock` and, where data-lock-url says so, `lock`. */
export function attachLocks(grid) {
  const url = grid.table.dataset.lockUrl;
  let popover = null;

  const close = () => {
    popover?.remove();
    popover = null;
  };

  const request = (cells, isLocked, reason) => {
    const content = { ...bodyOf(cells, grid.saver.extra()), locked: isLocked, ...(reason ? { reason } : {}) };
    return grid.saver.send(url, content, cells);
  };

  const picture = () =>
    new Map(grid.model.cells().map((cell) => [cell, { value: cell.value, isLocked: cell.isLocked, reason: cell.lockReason }]));

  /** Lock or unlock as a step of undo: the server moves the rest of the row, so both sides are kept. */
  const send = async (cells, isLocked, reason) => {
    const before = picture();
    if (!(await request(cells, isLocked, reason))) return;
    grid.model.record({ changes: [], lock: { cells, before, after: picture() } });
    grid.bar.count();
  };

  /** Take a locking or unlocking back, or take it again; the figures come back as they stood. */
  grid.takeLock = async ({ cells, before, after }, { isBack }) => {
    const aim = isBack ? before : after;
    const groups = new Map();
    for (const cell of cells) {
      const { isLocked, reason } = aim.get(cell);
      if (cell.isLocked === isLocked && cell.lockReason === reason) continue;
      const name = JSON.stringify([isLocked, reason]);
      groups.set(name, [...(groups.get(name) ?? []), cell]);
    }
    for (const [name, group] of groups) {
      const [isLocked, reason] = JSON.parse(name);
      if (isLocked) for (const cell of group) cell.value = aim.get(cell).value;
      if (!(await request(group, isLocked, reason))) return;
    }
    const [from, to] = isBack ? [grid.model.done, grid.model.undone] : [grid.model.undone, grid.model.done];
    to.push(from.pop());
    const moved = grid.model.cells().filter((cell) => cell.isEditable && cell.value !== aim.get(cell).value);
    for (const cell of moved) cell.value = aim.get(cell).value;
    grid.apply(moved);
  };

  async function lockCells(cells) {
    const answer = await ask({
      title: fill(ngettext("Lock %(count)s cell", "Lock %(count)s cells", cells.length), { count: cells.length }),
      text: gettext("Locked cells keep their value; the rest of the row moves so that the total stays."),
      action: gettext("Lock"),
      reasonLabel: gettext("Reason"),
    });
    grid.focus();
    if (answer) await send(cells, true, answer.reason);
  }

  if (url) {
    grid.lock = async () => {
      close();
      const cells = grid.model.cellsIn(grid.range()).filter((cell) => !cell.isReadonly && cell.value !== null);
      if (cells.length === 0) return;
      if (cells.every((cell) => cell.isLocked)) await send(cells, false, "");
      else await lockCells(cells);
    };
  }

  grid.explainLock = () => {
    close();
    const { td, cell } = grid.active();
    const title = fill(gettext("Locked at %(value)s"), { value: shown(cell.value, cell.decimals) });
    const head = make("p", "", {}, make("b", "ui-ink", {}, title), cell.lockReason ? ` ${cell.lockReason}` : "");
    popover = make("div", "ui-popover", { role: "note" }, head);
    if (cell.lockNote) popover.append(make("p", "", {}, cell.lockNote));
    if (url) {
      const unlock = make("button", "ui-link", { type: "button" }, gettext("Unlock"));
      const change = make("button", "ui-link", { type: "button" }, gettext("Change reason"));
      unlock.addEventListener("click", () => {
        close();
        send([cell], false, "");
      });
      change.addEventListener("click", () => {
        close();
        lockCells([cell]);
      });
      popover.append(make("div", "ui-popover__foot", {}, unlock, change));
    }
    grid.frame.append(popover);
    const box = td.getBoundingClientRect();
    const frame = grid.frame.getBoundingClientRect();
    const fitsAbove = box.top - frame.top > popover.offsetHeight + 8;
    const top = fitsAbove ? box.top - frame.top - popover.offsetHeight - 8 : box.bottom - frame.top + 8;
    const left = Math.min(Math.max(8, box.left - frame.left), frame.width - popover.offsetWidth - 8);
    popover.style.top = `${top}px`;
    popover.style.left = `${left}px`;
  };

  document.addEventListener("mousedown", (event) => !popover?.contains(event.target) && close());
  // Captured: the key that opens the popover must not close it again on its way up.
  const closeOnKey = (event) => {
    if (popover && (event.key === "Escape" || event.target.closest?.("[data-cell]"))) close();
  };
  document.addEventListener("keydown", closeOnKey, true);
  grid.table.closest(".ui-sheet__scroll")?.addEventListener("scroll", close);
}
