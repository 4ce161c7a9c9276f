/* Live totals and the proof that they still make what was required. */
import { icon, make } from "../dom.js";
import { fill, gettext } from "../words.js";
import { amountOf, shown } from "./amounts.js";
import { sum } from "./model.js";

const put = (element, text) => ((element.querySelector("[data-figure]") ?? element).textContent = text);

/** Return the words of a head without its small print. */
export function headText(head) {
  if (!head) return "";
  if (head.dataset.name) return head.dataset.name;
  const copy = head.cloneNode(true);
  for (const small of copy.querySelectorAll("small, .ui-sub, .icon")) small.remove();
  return copy.textContent.trim().replace(/\s+/g, " ");
}

export class Totals {
  /** `rows` are the <tr> of the model's rows, in order. */
  constructor(table, model, rows) {
    Object.assign(this, { table, model, rows });
    this.decimals = Math.max(0, ...model.cells().map((cell) => cell.decimals));
    this.proofs = [...document.querySelectorAll("[data-proof]")].filter(
      (proof) => proof.dataset.proof === "" || proof.dataset.proof === table.id,
    );
    this.counted = rows.map((tr, index) => ("noTotal" in tr.dataset ? [] : model.rows[index]));
    this.isOff = false;
    this.gap = 0n; // of the grand total
    this.offText = ""; // rows that miss their own totals, by how much
    this.hasRowTotals = rows.some((tr) => "requiredTotal" in tr.dataset);
  }

  columnSum(index) {
    return sum(this.counted.map((row) => row[index] ?? null));
  }

  grandSum() {
    return sum(this.counted.flat());
  }

  groupSum(name) {
    return sum(this.counted.filter((_row, index) => this.rows[index].dataset.group === name).flat());
  }

  refresh() {
    const text = (value, decimals = this.decimals) => shown(value, decimals) || "—";
    const off = [];
    this.rows.forEach((tr, index) => {
      const total = sum(this.model.rows[index]);
      const required = amountOf(tr.dataset.requiredTotal);
      const gap = required === null || this.model.isAdopting ? 0n : (total ?? 0n) - required;
      const decimals = Math.max(0, ...this.model.rows[index].map((each) => each?.decimals ?? 0));
      if (gap !== 0n) off.push(`${this.nameOf(index)} ${shown(gap, decimals, { signed: true })}`);
      for (const cell of tr.querySelectorAll("[data-total-row]")) {
        put(cell, text(total, decimals));
        cell.classList.toggle("is-off", gap !== 0n);
      }
    });
    for (const cell of this.table.querySelectorAll("[data-total-col]")) {
      put(cell, text(this.columnSum(Number(cell.dataset.totalCol) - 1)));
    }
    for (const cell of this.table.querySelectorAll("[data-total-grand]")) put(cell, text(this.grandSum()));
    for (const cell of this.table.querySelectorAll("[data-total-group]")) {
      put(cell, text(this.groupSum(cell.dataset.totalGroup)));
    }
    for (const cell of this.table.querySelectorAll("[data-change-col], [data-change-grand]")) {
      const now = "changeGrand" in cell.dataset ? this.grandSum() : this.columnSum(Number(cell.dataset.changeCol) - 1);
      const change = (now ?? 0n) - (amountOf(cell.dataset.base) ?? 0n);
      put(cell, shown(change, this.decimals, { signed: true }));
    }
    this.isOff = off.length > 0;
    this.offText = off.join(gettext("; "));
    for (const proof of this.proofs) this.#prove(proof, off);
  }

  #prove(proof, off) {
    const total = this.grandSum() ?? 0n;
    const required = amountOf(proof.dataset.requiredTotal);
    const isAdopting = this.model.isAdopting && required !== null && total !== required;
    const gap = required === null || isAdopting ? 0n : total - required;
    this.isOff = gap !== 0n || off.length > 0;
    this.gap = gap;
    proof.classList.toggle("is-off", this.isOff);
    const say = (name, words) => {
      const place = proof.querySelector(`[data-proof-${name}]`);
      if (place) place.textContent = words;
    };
    const signed = (value) => shown(value, this.decimals, { signed: true });
    say("sum", shown(total, this.decimals));
    say("title", isAdopting ? fill(gettext("Total becomes %(total)s"), { total: shown(total, this.decimals) }) : this.#verdict(gap, signed));
    say("off", this.offText);
    const monthly = Array.from({ length: this.model.columns }, (_c, index) => shown(this.columnSum(index) ?? 0n, this.decimals));
    const sayEquation = (name, parts) => {
      const result = make("b", "", {}, shown(total, this.decimals));
      proof.querySelector(`[data-proof-${name}]`)?.replaceChildren(`${parts.join(" + ")} = `, result);
    };
    sayEquation("columns", monthly);
    const groups = [...new Set(this.rows.map((tr) => tr.dataset.group).filter(Boolean))];
    const parts = groups.map((name) => `${this.groupName(name)} ${shown(this.groupSum(name) ?? 0n, this.decimals)}`);
    if (parts.length) sayEquation("groups", parts);
    proof.querySelector("[data-proof-mark]")?.replaceChildren(icon(this.isOff ? "x" : "check"));
  }

  #verdict(gap, signed) {
    if (gap !== 0n) return fill(gettext("Total off by %(gap)s"), { gap: signed(gap) });
    return this.isOff ? gettext("Rows do not add up") : gettext("Total unchanged");
  }

  groupName(name) {
    const first = this.rows.find((tr) => tr.dataset.group === name);
    return headText(first?.querySelector("th"));
  }

  /** Name a row: its own heads, after the head that spans it from above. */
  nameOf(index) {
    const own = [...this.rows[index].querySelectorAll("th")].map(headText);
    for (let above = index; above >= 0 && own.length < 2; above -= 1) {
      const spanning = this.rows[above].querySelector("th[rowspan]");
      if (!spanning) continue;
      if (above !== index && above + spanning.rowSpan > index) own.unshift(headText(spanning));
      break;
    }
    return own.filter(Boolean).join(" / ");
  }
}
