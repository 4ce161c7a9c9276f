/* Unsaved entries survive a reload: they are kept for the tab until they are saved. */
import { amountOf, canonical } from "./amounts.js";

export class Drafts {
  constructor(model, name) {
    this.model = model;
    this.slot = `sheet:${name}`;
  }

  keep() {
    const entries = this.model.unsaved().map((cell) => ({
      key: cell.key,
      value: canonical(cell.value, cell.decimals),
      version: cell.version,
      reason: cell.reason,
    }));
    try {
      if (entries.length) sessionStorage.setItem(this.slot, JSON.stringify(entries));
      else sessionStorage.removeItem(this.slot);
    } catch {
      // Without storage the warning on leaving remains.
    }
  }

  /**
   * Put kept entries back as one undoable step; returns the cells. An entry keeps the version
   * it was based on, so that a change by somebody else still comes up as a conflict.
   */
  restore() {
    let entries = [];
    try {
      entries = JSON.parse(sessionStorage.getItem(this.slot) ?? "[]");
    } catch {
      return [];
    }
    const found = entries
      .map((entry) => ({ entry, cell: this.model.find(entry.key) }))
      .filter(({ cell }) => cell?.isEditable);
    const changed = this.model.edit(found.map(({ entry, cell }) => ({ cell, value: amountOf(entry.value) })));
    for (const { entry, cell } of found) {
      if (!changed.includes(cell)) continue;
      cell.version = entry.version;
      cell.reason = entry.reason ?? "";
    }
    return changed;
  }
}
