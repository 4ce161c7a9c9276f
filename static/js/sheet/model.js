/* The state of a sheet without any page: cells, edits, undo, totals, what is unsaved. */
import { amountOf, average, canonical, parseAmount } from "./amounts.js";
import { layOver } from "./clipboard.js";

/** One cell. `value` is shown, `saved` is what the server has; both are amounts or null. */
export class Cell {
  constructor({ key, value, version, decimals = 0, ...flags }) {
    this.key = key;
    this.value = amountOf(value);
    this.saved = this.value;
    this.version = version === "" || version === undefined ? null : version;
    this.decimals = decimals;
    this.isPercent = Boolean(flags.isPercent);
    this.isLocked = Boolean(flags.isLocked);
    this.isReadonly = Boolean(flags.isReadonly);
    this.isClearable = Boolean(flags.isClearable);
    this.isMoved = Boolean(flags.isMoved);
    this.error = "";
    this.doubt = null; // { detail, code, suggestion } as the server put it
    this.reason = ""; // the answer to a doubt, sent with the value
    this.lockReason = flags.lockReason ?? "";
    this.lockNote = flags.lockNote ?? "";
  }

  get isEditable() {
    return !this.isReadonly && !this.isLocked;
  }

  get isChanged() {
    return this.value !== this.saved || this.reason !== "";
  }

  get isWaiting() {
    return this.doubt !== null && this.reason === "";
  }
}

/** Return a text that is equal for equal keys, whatever the order of their members; null is absent. */
const keyText = (key) =>
  JSON.stringify(Object.entries(key).filter(([, part]) => part !== null).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A sheet: rows of cells, with null where a row has nothing to type into. */
export class Model {
  constructor(rows) {
    this.rows = rows;
    this.columns = Math.max(0, ...rows.map((row) => row.length));
    this.undone = [];
    this.done = [];
    this.isAdopting = false; // the totals follow the cells, and change with the next save
    this.byId = new Map(this.cells().map((cell) => [keyText(cell.key), cell]));
    this.keyNames = new Set(this.cells().flatMap((cell) => Object.keys(cell.key)));
  }

  cells() {
    return this.rows.flat().filter((cell) => cell !== null);
  }

  at(row, column) {
    return this.rows[row]?.[column] ?? null;
  }

  /** Return the cell whose key an answer carries among other members. */
  find(answer) {
    const key = Object.fromEntries(Object.entries(answer).filter(([name]) => this.keyNames.has(name)));
    return this.byId.get(keyText(key)) ?? null;
  }

  /** Set values as one step of undo; `edits` are {cell, value}. Returns the cells that changed. */
  edit(edits) {
    const changes = edits
      .filter(({ cell, value }) => cell.isEditable && cell.value !== value)
      .map(({ cell, value }) => ({ cell, before: cell.value, after: value }));
    for (const { cell } of edits) cell.error = "";
    if (changes.length === 0) return [];
    this.record({ changes });
    return this.#play({ changes }, "after");
  }

  /** Let the totals follow the cells: a step of undo like any other. */
  adopt() {
    this.record({ changes: [], adopts: true });
    this.isAdopting = true;
  }

  /** Note a step that has been taken. One with `lock` is taken back by whoever can lock cells. */
  record(step) {
    this.done.push(step);
    this.undone = [];
  }

  undo() {
    const step = this.done.pop();
    if (!step) return [];
    this.undone.push(step);
    return [...this.#forgetErrors(), ...this.#play(step, "before")];
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return [];
    this.done.push(step);
    return [...this.#forgetErrors(), ...this.#play(step, "after")];
  }

  /** What a paste could not place is no longer of interest once the paste is undone. */
  #forgetErrors() {
    const refused = this.cells().filter((cell) => cell.error);
    for (const cell of refused) cell.error = "";
    return refused;
  }

  #play(step, side) {
    if (step.adopts) this.isAdopting = side === "after";
    for (const change of step.changes) {
      const { cell } = change;
      if (!cell.isEditable) continue; // locked since: the step passes it by
      cell.value = change[side];
      cell.error = "";
      cell.doubt = null;
      cell.reason = "";
    }
    return step.changes.map(({ cell }) => cell);
  }

  /** Take typed text into a cell: the changed cells, with `cell.error` set when it is no number. */
  type(cell, text) {
    const read = parseAmount(text, cell);
    if (read.error) {
      cell.error = read.error;
      return [cell];
    }
    if (read.value === null && cell.value !== null && !cell.isClearable) return [];
    const changed = this.edit([{ cell, value: read.value }]);
    return changed.length ? changed : [cell];
  }

  /** Paste rows of text over a range. Returns { changed, cut, kept, refused } (counts but the first). */
  paste(table, range) {
    const { placed, cut } = layOver(table, range, { rows: this.rows.length, columns: this.columns });
    const edits = [];
    const refused = [];
    let kept = 0;
    for (const { row, column, text } of placed) {
      const cell = this.at(row, column);
      const read = cell && parseAmount(text, cell);
      if (!cell || !cell.isEditable) kept += 1;
      else if (read.error) refused.push([cell, read.error]);
      else if (read.value === null && !cell.isClearable) kept += 1;
      else edits.push({ cell, value: read.value });
    }
    const changed = this.edit(edits);
    for (const [cell, error] of refused) cell.error = error;
    return { changed: [...changed, ...refused.map(([cell]) => cell)], cut, kept, refused: refused.length };
  }

  /**
   * Copy the first row ("down") or column ("right") of a range over the rest of it; a range
   * of one row or column takes from its neighbour, as in Excel.
   */
  fill(selected, direction) {
    const range = { ...selected };
    if (direction === "down" && range.height === 1 && range.top > 0) Object.assign(range, { top: range.top - 1, height: 2 });
    if (direction === "right" && range.width === 1 && range.left > 0) Object.assign(range, { left: range.left - 1, width: 2 });
    const edits = [];
    this.#each(range, (cell, row, column) => {
      const source = direction === "down" ? this.at(range.top, column) : this.at(row, range.left);
      if (source && source !== cell && source.decimals <= cell.decimals) edits.push({ cell, value: source.value });
    });
    return this.edit(edits);
  }

  /** Repeat a range over a larger one that holds it, as dragging its corner does. */
  fillOver(source, target) {
    const edits = [];
    this.#each(target, (cell, row, column) => {
      const from = this.at(
        source.top + ((((row - source.top) % source.height) + source.height) % source.height),
        source.left + ((((column - source.left) % source.width) + source.width) % source.width),
      );
      if (from && from !== cell && from.decimals <= cell.decimals) edits.push({ cell, value: from.value });
    });
    return this.edit(edits);
  }

  clear(range) {
    const edits = [];
    this.#each(range, (cell) => cell.isClearable && edits.push({ cell, value: null }));
    return this.edit(edits);
  }

  #each({ top, left, height, width }, visit) {
    for (let row = top; row < top + height; row += 1) {
      for (let column = left; column < left + width; column += 1) {
        const cell = this.at(row, column);
        if (cell) visit(cell, row, column);
      }
    }
  }

  cellsIn(range) {
    const found = [];
    this.#each(range, (cell) => found.push(cell));
    return found;
  }

  /** Return the text rows of a range, canonical, for the clipboard. */
  texts({ top, left, height, width }) {
    return Array.from({ length: height }, (_row, r) =>
      Array.from({ length: width }, (_column, c) => {
        const cell = this.at(top + r, left + c);
        return cell ? canonical(cell.value, cell.decimals) : "";
      }),
    );
  }

  /** Return count, sum, average, largest and smallest of a range; null when nothing is in it. */
  statistics(range) {
    const cells = this.cellsIn(range).filter((cell) => cell.value !== null);
    if (cells.length === 0) return null;
    const values = cells.map((cell) => cell.value);
    const decimals = Math.max(...cells.map((cell) => cell.decimals));
    const sum = values.reduce((total, value) => total + value, 0n);
    return {
      count: values.length,
      decimals,
      sum,
      average: average(sum, values.length, Math.max(decimals, 2)),
      largest: values.reduce((a, b) => (a > b ? a : b)),
      smallest: values.reduce((a, b) => (a < b ? a : b)),
    };
  }

  /** Return the cells to send: changed, in reading order. */
  unsaved() {
    return this.cells().filter((cell) => cell.isChanged);
  }

  waiting() {
    return this.cells().filter((cell) => cell.isWaiting);
  }

  /**
   * Take over what the server now has; cells it moved by itself are marked.
   * `sent` holds the values that went out: a cell edited meanwhile keeps its newer value.
   */
  takeSaved(answers, sent = new Map()) {
    const touched = [];
    for (const answer of answers) {
      const cell = this.find(answer);
      if (!cell) continue;
      const now = amountOf(answer.value);
      const isUntouched = sent.has(cell) ? cell.value === sent.get(cell) : !cell.isChanged;
      cell.isMoved = answer.moved ?? (!sent.has(cell) && now !== cell.saved);
      cell.saved = now;
      if (isUntouched) cell.value = now;
      if ("version" in answer) cell.version = answer.version;
      if ("locked" in answer) cell.isLocked = answer.locked;
      if ("lock_reason" in answer) cell.lockReason = answer.lock_reason;
      if ("lock_note" in answer) cell.lockNote = answer.lock_note;
      cell.error = "";
      cell.doubt = null;
      cell.reason = "";
      touched.push(cell);
    }
    return touched;
  }

  /** Settle a conflict: "mine" will be sent over the newer version, "theirs" is taken. */
  settle(cell, conflict, choice) {
    cell.version = conflict.version;
    cell.saved = amountOf(conflict.theirs);
    if (choice === "theirs") this.edit([{ cell, value: cell.saved }]);
  }
}

/** Return the sum of the cells that have a value; null when none has. */
export function sum(cells) {
  const values = cells.filter((cell) => cell && cell.value !== null).map((cell) => cell.value);
  return values.length ? values.reduce((total, value) => total + value, 0n) : null;
}
