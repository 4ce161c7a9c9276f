/* The sheet on the page: a table the server drew becomes one that is typed into. */
import { make } from "../dom.js";
import { toast } from "../toast.js";
import { fill, gettext, ngettext } from "../words.js";
import { canonical, shown } from "./amounts.js";
import { Bar } from "./bar.js";
import { parseTable, tableText, withoutHeads } from "./clipboard.js";
import { askWhose } from "./conflicts.js";
import { Drafts } from "./drafts.js";
import { attachKeys } from "./keys.js";
import { attachLocks } from "./locks.js";
import { Cell, Model } from "./model.js";
import { attachMouse } from "./mouse.js";
import { Offers } from "./offers.js";
import { Saver } from "./save.js";
import { headText, Totals } from "./totals.js";

/** Read a cell that the server drew: <td data-cell> or <input data-cell>. */
export function readCell(element, isReadonly = false) {
  const { dataset } = element;
  return new Cell({
    key: JSON.parse(dataset.key ?? "{}"),
    value: dataset.value,
    version: dataset.version ? Number(dataset.version) : null,
    decimals: Number(dataset.decimals ?? 0),
    isPercent: "percent" in dataset,
    isLocked: "locked" in dataset,
    isMoved: "moved" in dataset,
    isReadonly: isReadonly || "readonly" in dataset || "closed" in dataset || "na" in dataset,
    isClearable: "clearable" in dataset,
    lockReason: dataset.lockReason,
    lockNote: dataset.lockNote,
  });
}

/** Return what goes along with every save: data-extra and the named fields of the sheet. */
export function extraOf(element, scope) {
  const extra = JSON.parse(element.dataset.extra ?? "{}");
  for (const field of scope.querySelectorAll("[data-sheet-extra]")) extra[field.name] = field.value;
  return extra;
}

const reveal = (td) => td.scrollIntoView({ block: "nearest", inline: "nearest" });

export class Grid {
  constructor(table) {
    this.table = table;
    this.frame = table.closest(".ui-sheet") ?? table.parentElement;
    this.canSave = Boolean(table.dataset.saveUrl);
    this.rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((tr) => tr.querySelector("[data-cell]"));
    this.tds = this.rows.map((tr) => [...tr.querySelectorAll("[data-cell]")]);
    this.cellOf = new Map();
    this.model = new Model(this.tds.map((row) => row.map((td) => this.#read(td))));
    this.tdOf = new Map([...this.cellOf].map(([td, cell]) => [cell, td]));
    this.heads = [...(table.tHead?.rows ?? [])].at(-1)?.querySelectorAll("th:not(.sheet__unit, .sheet__tier, .sheet__total)") ?? [];
    this.row = this.column = this.endRow = this.endColumn = 0; // the active cell, the far end of the range
    this.totals = new Totals(table, this.model, this.rows);
    this.saver = this.canSave && new Saver({
      model: this.model,
      url: table.dataset.saveUrl,
      method: table.dataset.method || "POST",
      extra: () => ({ ...extraOf(table, this.frame), ...this.#newTotal() }),
      view: this,
    });
    this.bar = new Bar(this);
    this.offers = this.canSave && new Offers(this);
    this.drafts = new Drafts(this.model, window.location.pathname + window.location.search + table.id);
    this.#label();
    attachKeys(this);
    attachMouse(this);
    if (this.canSave) {
      attachLocks(this);
      const restored = this.drafts.restore();
      if (restored.length) {
        const told = ngettext("%(count)s unsaved entry is back", "%(count)s unsaved entries are back", restored.length);
        toast(fill(told, { count: restored.length }), { undo: () => this.undo() });
      }
      this.refresh(restored);
      window.addEventListener("beforeunload", (event) => {
        if (this.model.unsaved().length) event.preventDefault();
      });
    }
    this.select(0, 0, { focus: false });
  }

  #read(td) {
    const cell = readCell(td, !this.canSave);
    this.cellOf.set(td, cell);
    return cell;
  }

  #label() {
    this.table.setAttribute("role", "grid");
    this.table.setAttribute("aria-multiselectable", "true");
    if (!this.canSave) this.table.setAttribute("aria-readonly", "true");
    this.tds.forEach((row, r) =>
      row.forEach((td, c) => {
        td.setAttribute("role", "gridcell");
        td.setAttribute("aria-rowindex", r + 1);
        td.setAttribute("aria-colindex", c + 1);
        td.tabIndex = -1;
        if (this.canSave && !this.cellOf.get(td).isEditable) td.setAttribute("aria-readonly", "true");
      }),
    );
  }

  /** Name a cell for people: row heads / column head. */
  nameOf(cell) {
    const td = this.tdOf.get(cell);
    if (td.dataset.label) return td.dataset.label;
    const row = this.tds.findIndex((tds) => tds.includes(td));
    return [this.totals.nameOf(row), headText(this.heads[this.tds[row].indexOf(td)])].filter(Boolean).join(" / ");
  }

  // --- selection

  active() {
    const td = this.tds[this.row]?.[this.column];
    return { td, cell: this.cellOf.get(td) };
  }

  range() {
    const top = Math.min(this.row, this.endRow);
    const left = Math.min(this.column, this.endColumn);
    return {
      top,
      left,
      height: Math.abs(this.row - this.endRow) + 1,
      width: Math.abs(this.column - this.endColumn) + 1,
    };
  }

  /** Make a cell the active one, or with `extend` the far end of the range. */
  select(row, column, { extend = false, focus = true } = {}) {
    if (this.rows.length === 0) return;
    this.endRow = Math.max(0, Math.min(row, this.rows.length - 1));
    this.endColumn = Math.max(0, Math.min(column, this.tds[this.endRow].length - 1));
    if (extend) {
      reveal(this.tds[this.endRow][this.endColumn]);
    } else {
      this.active().td.tabIndex = -1;
      [this.row, this.column] = [this.endRow, this.endColumn];
      this.active().td.tabIndex = 0;
      if (focus) this.focus();
    }
    this.#paintRange();
    this.bar.explain();
    this.bar.measure();
  }

  selectRange({ top, left, height, width }) {
    this.select(top, left, { focus: false });
    this.select(top + height - 1, left + width - 1, { extend: true });
  }

  selectAll() {
    this.select(0, 0, { focus: false });
    this.select(this.rows.length - 1, this.model.columns - 1, { extend: true });
  }

  focus() {
    const { td } = this.active();
    td.focus({ preventScroll: true });
    reveal(td);
  }

  #paintRange() {
    const { top, left, height, width } = this.range();
    const isMany = height * width > 1;
    this.tds.forEach((row, r) =>
      row.forEach((td, c) => {
        const isIn = r >= top && r < top + height && c >= left && c < left + width;
        td.classList.toggle("is-range", isIn && isMany);
        td.classList.toggle("is-active", r === this.row && c === this.column);
        td.classList.toggle("is-top", isIn && r === top);
        td.classList.toggle("is-bottom", isIn && r === top + height - 1);
        td.classList.toggle("is-left", isIn && c === left);
        td.classList.toggle("is-right", isIn && c === left + width - 1);
        td.setAttribute("aria-selected", String(isIn));
      }),
    );
    this.heads.forEach((head, c) => head.classList.toggle("is-tinted", c >= left && c < left + width));
  }

  // --- editing

  /** Open the cell for typing; `text` replaces its value, null keeps it. */
  edit(text = null) {
    const { td, cell } = this.active();
    if (!cell?.isEditable || this.editor) return;
    const value = text ?? (cell.value === null ? "" : shown(cell.value, cell.decimals).replace("\u2212", "-"));
    const field = make("input", "sheet__editor", { inputmode: "decimal", autocomplete: "off", "aria-label": this.nameOf(cell) });
    field.value = value;
    this.editor = { field, isReplacing: text !== null };
    td.append(field);
    field.focus();
    if (text === null) field.select();
    field.addEventListener("blur", () => this.commit());
  }

  /** Take the typed text, or drop it with `cancel`. */
  commit({ cancel = false } = {}) {
    if (!this.editor) return;
    const { field } = this.editor;
    const { cell } = this.active();
    this.editor = null;
    const text = field.value;
    field.remove();
    if (!cancel) this.apply(this.model.type(cell, text));
  }

  undo() {
    const step = this.model.done.at(-1);
    if (step?.lock) this.takeLock(step.lock, { isBack: true });
    else this.apply(this.model.undo());
  }

  redo() {
    const step = this.model.undone.at(-1);
    if (step?.lock) this.takeLock(step.lock, { isBack: false });
    else this.apply(this.model.redo());
  }

  paste(text) {
    const { changed, cut, kept, refused } = this.model.paste(withoutHeads(parseTable(text)), this.range());
    this.apply(changed);
    const notes = [
      [cut, ngettext("%(count)s cell lay beyond the sheet and was left out.", "%(count)s cells lay beyond the sheet and were left out.", cut)],
      [kept, ngettext("%(count)s cell cannot be changed and kept its value.", "%(count)s cells cannot be changed and kept their value.", kept)],
      [refused, ngettext("%(count)s cell held no usable number and kept its value.", "%(count)s cells held no usable number and kept their value.", refused)],
    ].filter(([count]) => count);
    this.trouble(notes.map(([count, text]) => fill(text, { count })).join(" "));
  }

  /** Empty the range; where a figure is always needed, say so. */
  clear() {
    if (!this.canSave) return;
    const cells = this.model.cellsIn(this.range());
    this.apply(this.model.clear(this.range()));
    if (cells.some((cell) => cell.isEditable && !cell.isClearable)) this.trouble(gettext("A task is a figure: write 0 where nothing is asked."));
  }

  copyText() {
    return tableText(this.model.texts(this.range()));
  }

  /** Show cells after a change of the model, and keep what is unsaved. */
  apply(cells) {
    this.refresh(cells);
    this.drafts.keep();
  }

  // --- what the saver shows

  refresh(cells) {
    for (const cell of cells) this.#paint(cell);
    this.totals.refresh();
    this.offers?.refresh();
    this.bar.count();
    this.bar.explain();
    this.bar.measure();
  }

  #paint(cell) {
    const td = this.tdOf.get(cell);
    const text = shown(cell.value, cell.decimals);
    td.replaceChildren(text || make("span", "ui-chip ui-chip--wait", {}, this.table.dataset.missing || gettext("Not reported")));
    td.toggleAttribute("data-missing", cell.value === null);
    td.toggleAttribute("data-locked", cell.isLocked);
    td.toggleAttribute("data-moved", cell.isMoved);
    td.classList.toggle("is-changed", cell.isChanged);
    td.classList.toggle("is-rejected", Boolean(cell.error));
    td.classList.toggle("is-doubtful", cell.isWaiting && !cell.error);
    if (cell.error) td.setAttribute("aria-invalid", "true");
    else td.removeAttribute("aria-invalid");
    if (cell.isEditable) td.removeAttribute("aria-readonly");
    else td.setAttribute("aria-readonly", "true");
  }

  trouble(text, { canRetry = false, cells = [] } = {}) {
    this.bar.say(text, canRetry);
    if (cells.length === 0 || cells.includes(this.active().cell) || this.editor) return;
    const row = this.model.rows.findIndex((each) => each.includes(cells[0]));
    this.select(row, this.model.rows[row].indexOf(cells[0]));
  }

  /** What to send when the totals follow the cells: the sum that the person saw. */
  #newTotal() {
    if (!this.model.isAdopting) return {};
    const isAdded = this.table.querySelector("[data-total-grand]") !== null;
    return { change_total: true, ...(isAdded ? { total: canonical(this.totals.grandSum() ?? 0n, this.totals.decimals) } : {}) };
  }

  saved(message) {
    this.drafts.keep();
    if (this.model.isAdopting && this.model.unsaved().length === 0) return window.location.reload();
    toast(message || gettext("Saved"));
    this.table.dispatchEvent(new CustomEvent("sheet:saved", { bubbles: true }));
  }

  settle(known) {
    return askWhose(known, (cell) => this.nameOf(cell));
  }

  save() {
    this.commit();
    if (!this.totals.isOff || !("saveNeedsProof" in this.table.dataset)) this.saver?.save();
  }
}
