/* Two people changed the same cell: both values side by side, one choice per cell. */
import { make } from "../dom.js";
import { fill, gettext, ngettext } from "../words.js";
import { amountOf, shown } from "./amounts.js";

/**
 * Ask per cell whose value holds. `nameOf(cell)` names it for people.
 * Resolves to a Map(cell → "mine" | "theirs"), or null when put off.
 */
export function askWhose(known, nameOf) {
  const rows = known.map(({ cell, conflict }, index) => {
    const choice = (whose, text, isFirst) =>
      make(
        "label",
        "",
        {},
        make("input", "", { type: "radio", name: `whose-${index}`, value: whose, checked: isFirst }),
        ` ${text}`,
      );
    const theirs = shown(amountOf(conflict.theirs), cell.decimals) || gettext("empty");
    const mine = shown(cell.value, cell.decimals) || gettext("empty");
    const who = [conflict.by, conflict.at].filter(Boolean).join(gettext(", "));
    return make(
      "tr",
      "",
      {},
      make("th", "", { scope: "row" }, nameOf(cell)),
      make("td", "is-num", {}, choice("mine", mine, true)),
      make("td", "is-num", {}, choice("theirs", theirs, false)),
      make("td", "ui-ink-2", {}, who),
    );
  });
  const heads = [gettext("Cell"), gettext("Yours"), gettext("Theirs"), gettext("Changed by")];
  const table = make(
    "table",
    "ui-table",
    {},
    make("thead", "", {}, make("tr", "", {}, ...heads.map((head, i) => make("th", i === 1 || i === 2 ? "is-num" : "", { scope: "col" }, head)))),
    make("tbody", "", {}, ...rows),
  );
  const later = make("button", "ui-button", { value: "later" }, gettext("Later"));
  const go = make("button", "ui-button ui-button--primary", { value: "settle" }, gettext("Save these"));
  const title = make("h2", "", { id: "conflict-title" }, gettext("Changed by somebody else meanwhile"));
  const text = ngettext(
    "%(count)s cell was saved by somebody else after you opened the sheet. Choose which value holds.",
    "%(count)s cells were saved by others after you opened the sheet. Choose which value holds.",
    known.length,
  );
  const form = make(
    "form",
    "",
    { method: "dialog" },
    title,
    make("div", "ui-dialog__body", {}, make("p", "", {}, fill(text, { count: known.length }))),
    make("div", "ui-scroll", {}, table),
    make("div", "ui-dialog__foot", {}, later, go),
  );
  const dialog = make("dialog", "ui-dialog ui-dialog--wide", { "aria-labelledby": "conflict-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const chosen = new FormData(form);
      const isSettled = dialog.returnValue === "settle";
      dialog.remove();
      resolve(isSettled ? new Map(known.map(({ cell }, i) => [cell, chosen.get(`whose-${i}`)])) : null);
    });
  });
}
