/* The line above a sheet that explains the active cell, and the foot with sums and Save. */
import { icon, make } from "../dom.js";
import { fill, gettext, ngettext } from "../words.js";
import { shown } from "./amounts.js";
import { answersTo, sentence, whyWait, wordOn } from "./says.js";

const button = (name, label, shortcut) =>
  make("button", "ui-button ui-button--icon ui-button--plain", { type: "button", "aria-label": label, title: `${label} ${shortcut}` }, icon(name));

const mark = (kind, text) => make("span", "", {}, make("i", `ui-mark ui-mark--${kind}`), text);

export class Bar {
  constructor(grid) {
    this.grid = grid;
    const { table } = grid;
    const isReadonly = !grid.canSave;
    this.name = make("span", "ui-sheet__name");
    this.says = make("span", "ui-sheet__says", { role: "status" });
    const keys = make("span", "ui-sheet__keys");
    if (table.dataset.lockUrl) keys.append(mark("locked", gettext("locked")), mark("moved", gettext("moved")));
    if (!isReadonly) keys.append(mark("changed", gettext("not saved")));
    if (table.dataset.sheetUnit) keys.append(fill(gettext("Unit: %(unit)s"), { unit: table.dataset.sheetUnit }));
    this.top = make("div", "ui-sheet__bar", {}, this.name, this.says, keys);

    this.stats = make("span", "ui-sheet__stats", { "aria-live": "polite" });
    this.hints = make("span", "ui-sheet__keys");
    for (const [key, what] of this.#shortcuts(isReadonly)) this.hints.append(make("span", "", {}, make("span", "ui-key", {}, key), ` ${what}`));
    this.unsaved = make("span", "ui-sheet__unsaved", { hidden: true });
    this.undo = button("arrow-back-up", gettext("Undo"), "Ctrl Z");
    this.redo = button("arrow-forward-up", gettext("Redo"), "Ctrl Y");
    this.save = make("button", "ui-button ui-button--primary", { type: "button", "aria-keyshortcuts": "Control+S" }, gettext("Save"));
    this.trouble = make("div", "ui-sheet__trouble", { role: "alert", hidden: true });
    const end = make("span", "ui-sheet__end", {}, this.hints);
    if (!isReadonly) end.append(this.unsaved, this.undo, this.redo, this.save);
    this.foot = make("div", "ui-sheet__foot", {}, this.stats, end, this.trouble);

    const scroll = table.closest(".ui-sheet__scroll") ?? table;
    scroll.before(this.top);
    scroll.after(this.foot);
    this.undo.addEventListener("click", () => grid.undo());
    this.redo.addEventListener("click", () => grid.redo());
    this.save.addEventListener("click", () => grid.save());
  }

  #shortcuts(isReadonly) {
    if (isReadonly) return [["Ctrl C", gettext("copy")]];
    const keys = [["F2", gettext("edit")], ["Ctrl V", gettext("paste")], ["Ctrl Z", gettext("undo")]];
    if (this.grid.table.dataset.lockUrl) keys.splice(1, 0, ["Ctrl L", gettext("lock")]);
    return keys;
  }

  /** Explain the active cell. */
  explain() {
    const { cell, td } = this.grid.active();
    this.top.classList.remove("is-doubtful", "is-rejected");
    if (!cell) return this.says.replaceChildren();
    this.name.textContent = this.grid.nameOf(cell);
    const { kind, text } = wordOn(cell);
    if (kind) this.top.classList.add(`is-${kind}`);
    this.says.replaceChildren(...sentence(kind, text || (td.dataset.explain ?? "")));
    if (kind === "doubtful") {
      if (cell.doubt.title) this.says.prepend(make("b", "ui-warn", {}, `${cell.doubt.title} `));
      this.says.append(" ", answersTo(cell, {
        correct: (value) => this.grid.apply(this.grid.model.edit([{ cell, value }])),
        insist: (reason) => {
          cell.reason = reason;
          this.grid.apply([cell]);
          this.grid.focus();
        },
      }));
      for (const each of this.says.querySelectorAll(".ui-button")) each.classList.add("ui-button--small");
    }
  }

  /** Sum up the selection. */
  measure() {
    const range = this.grid.range();
    const found = this.grid.model.statistics(range);
    const figure = (name, value) => make("span", "", {}, `${name} `, make("b", "", {}, value));
    const parts = [];
    if (range.height * range.width > 1) {
      const size = fill(gettext("Selected %(rows)s × %(columns)s"), { rows: range.height, columns: range.width });
      parts.push(make("b", "", {}, size));
      if (found) {
        const show = (value) => shown(value, found.decimals);
        parts.push(
          figure(gettext("Sum"), show(found.sum)),
          figure(gettext("Average"), shown(found.average, Math.max(found.decimals, 2))),
          figure(gettext("Max"), show(found.largest)),
          figure(gettext("Min"), show(found.smallest)),
        );
      }
    }
    this.stats.replaceChildren(...parts);
  }

  /** Show what is unsaved and whether Save has to wait. */
  count() {
    const { model, saver, totals } = this.grid;
    if (!saver) return;
    const unsaved = model.unsaved().length;
    const wait = whyWait({
      waiting: model.waiting().length,
      off: totals.isOff && "saveNeedsProof" in this.grid.table.dataset,
    });
    this.unsaved.hidden = unsaved === 0;
    this.unsaved.textContent = fill(ngettext("%(count)s cell not saved", "%(count)s cells not saved", unsaved), { count: unsaved });
    this.undo.disabled = model.done.length === 0;
    this.redo.disabled = model.undone.length === 0;
    this.save.disabled = unsaved === 0 || Boolean(wait) || saver.isBusy;
    this.save.textContent = wait || (saver.isBusy ? gettext("Saving") : gettext("Save"));
  }

  /** Say what went wrong, with a button to try again where that may help; "" takes it away. */
  say(text, canRetry) {
    this.trouble.hidden = !text;
    this.trouble.replaceChildren(text);
    if (!text || !canRetry) return;
    const again = make("button", "ui-button ui-button--small", { type: "button" }, gettext("Try again"));
    again.addEventListener("click", () => this.grid.save());
    this.trouble.append(again);
  }
}
