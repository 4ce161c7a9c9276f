/* What a cell has to say: refused, doubtful, locked, explained. */
import { icon, make } from "../dom.js";
import { fill, gettext, ngettext } from "../words.js";
import { amountOf, shown } from "./amounts.js";

/**
 * Return the answers to a doubt: the correction, and "it is so" with a reason.
 * `correct(value)` and `insist(reason)` are called with what was chosen.
 */
export function answersTo(cell, { correct, insist }, className = "") {
  const box = make("span", className);
  const { suggestion } = cell.doubt;
  if (suggestion !== undefined && suggestion !== null && suggestion !== "") {
    const value = amountOf(suggestion);
    const text = fill(gettext("Change to %(value)s"), { value: shown(value, cell.decimals) });
    const button = make("button", "ui-button ui-button--primary", { type: "button" }, text);
    button.addEventListener("click", () => correct(value));
    box.append(button);
  }
  const so = make("button", "ui-button", { type: "button" }, gettext("It is so, give the reason"));
  so.addEventListener("click", () => askReason(box, insist));
  box.append(so);
  return box;
}

function askReason(box, insist) {
  const field = make("input", "ui-input", { maxlength: 200, "aria-label": gettext("Reason") });
  const done = make("button", "ui-button ui-button--primary", { type: "button" }, gettext("Keep"));
  const finish = () => (field.value.trim() ? insist(field.value.trim()) : field.focus());
  done.addEventListener("click", finish);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    finish();
  });
  box.classList.add("ui-pair--one");
  box.replaceChildren(field, done);
  field.focus();
}

/** Return the kind ("rejected", "doubtful" or "") and the sentence about a cell. */
export function wordOn(cell) {
  if (cell.error) return { kind: "rejected", text: cell.error };
  if (cell.isWaiting) return { kind: "doubtful", text: cell.doubt.detail };
  if (cell.reason) return { kind: "", text: fill(gettext("Kept, because: %(reason)s"), { reason: cell.reason }) };
  if (cell.isLocked && cell.lockReason) {
    return { kind: "", text: fill(gettext("Locked: %(reason)s"), { reason: [cell.lockReason, cell.lockNote].filter(Boolean).join(gettext("; ")) }) };
  }
  if (cell.isChanged) {
    const before = shown(cell.saved, cell.decimals) || gettext("not reported");
    return { kind: "", text: fill(gettext("%(before)s → %(now)s, not saved yet"), { before, now: shown(cell.value, cell.decimals) || gettext("empty") }) };
  }
  return { kind: "", text: "" };
}

/** Return the sentence that stands on a Save button that has to wait, "" when it need not. */
export function whyWait({ waiting, off }) {
  if (waiting) {
    return fill(ngettext("Settle %(count)s reminder to save", "Settle %(count)s reminders to save", waiting), { count: waiting });
  }
  if (off) return gettext("Balance the totals to save");
  return "";
}

/** Put sentence and icon of a band together. */
export const sentence = (kind, text) =>
  kind ? [icon(kind === "doubtful" ? "alert-triangle" : "x"), ` ${text}`] : [text];
