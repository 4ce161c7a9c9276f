/* When an edit breaks the sum, the sheet offers where the difference goes. */
import { make } from "../dom.js";
import { toast } from "../toast.js";
import { fill, gettext } from "../words.js";
import { absorbIn, spreadOver } from "./absorb.js";
import { shown } from "./amounts.js";

export class Offers {
  constructor(grid) {
    this.grid = grid;
    this.text = make("span", "", { role: "status" });
    this.says = make("span", "ui-warn");
    this.box = make("div", "ui-sheet__offers", { role: "group", "aria-label": gettext("Keep the total"), hidden: true }, this.text);
    const offer = (label, take) => {
      const button = make("button", "ui-button ui-button--small", { type: "button" }, label);
      button.addEventListener("click", () => take());
      this.box.append(button);
      return button;
    };
    this.row = offer(gettext("Take it from the rest of the row"), () => this.#absorb(absorbIn(grid.model.rows)));
    this.month = offer(gettext("Take it from the rest of the month"), () => this.#absorb(absorbIn(this.#columns())));
    this.chosen = offer(gettext("Take it from the selected cells"), () => this.#absorb(this.#fromSelection()));
    this.total = offer(gettext("Change the total"), () => {
      grid.model.adopt();
      this.#done();
    });
    this.box.append(this.says);
    grid.bar.foot.before(this.box);
  }

  #columns() {
    const { model } = this.grid;
    return Array.from({ length: model.columns }, (_c, index) => model.rows.map((row) => row[index] ?? null));
  }

  #fromSelection() {
    const { model, totals } = this.grid;
    const cells = model.cellsIn(this.grid.range());
    if (!totals.hasRowTotals) return totals.gap === 0n ? null : spreadOver(-totals.gap, cells);
    return absorbIn(model.rows.map((row) => row.filter((cell) => cell?.isChanged || cells.includes(cell))));
  }

  #absorb(edits) {
    if (!edits?.length) {
      this.says.textContent = gettext("There is too little open there. Choose another way.");
      return;
    }
    this.grid.apply(this.grid.model.edit(edits));
    this.#done();
  }

  #done() {
    const { grid } = this;
    grid.refresh([]);
    grid.focus();
    toast(gettext("The sum holds again"), { undo: () => grid.undo() });
  }

  /** Show the offers while unsaved changes leave the sum off. */
  refresh() {
    const { model, totals } = this.grid;
    const isOff = totals.isOff && model.unsaved().length > 0;
    this.box.hidden = !isOff;
    this.says.textContent = "";
    if (!isOff) return;
    const gap = shown(totals.gap, totals.decimals, { signed: true });
    this.text.textContent = totals.hasRowTotals ? totals.offText : fill(gettext("The total is off by %(gap)s."), { gap });
    this.month.hidden = totals.hasRowTotals;
    this.total.hidden = !("canChangeTotal" in this.grid.table.dataset);
  }
}
