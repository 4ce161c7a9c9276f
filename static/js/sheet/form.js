/* The same cells as a list of fields for thumbs: same model, same way of saving. */
import { make } from "../dom.js";
import { toast } from "../toast.js";
import { fill, gettext, ngettext } from "../words.js";
import { canonical, shown } from "./amounts.js";
import { askWhose } from "./conflicts.js";
import { Drafts } from "./drafts.js";
import { extraOf, readCell } from "./grid.js";
import { Model } from "./model.js";
import { Saver } from "./save.js";
import { answersTo, sentence, whyWait, wordOn } from "./says.js";

export class EntryForm {
  constructor(form) {
    this.form = form;
    this.fields = [...form.querySelectorAll("input[data-cell]")];
    this.fieldOf = new Map(this.fields.map((field) => [readCell(field, field.readOnly), field]));
    this.model = new Model([...this.fieldOf.keys()].map((cell) => [cell]));
    this.button = form.querySelector("[data-sheet-save]");
    this.label = this.button?.textContent ?? "";
    this.troubleBox = make("p", "ui-sheet__trouble", { role: "alert", hidden: true });
    this.button?.before(this.troubleBox);
    this.saver = new Saver({
      model: this.model,
      url: form.dataset.saveUrl,
      method: form.dataset.method || "POST",
      extra: () => extraOf(form, form),
      view: this,
    });
    this.drafts = new Drafts(this.model, `${window.location.pathname}${window.location.search}#form`);

    for (const [cell, field] of this.fieldOf) {
      field.addEventListener("focus", () => {
        if (!field.readOnly && !cell.error) field.value = canonical(cell.value, cell.decimals);
        field.select();
      });
      field.addEventListener("change", () => this.take(cell, field));
      field.addEventListener("blur", () => this.#paint(cell));
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.saver.save();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input[data-cell]")) return;
      event.preventDefault();
      this.fields[this.fields.indexOf(event.target) + 1]?.focus();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.model.unsaved().length) event.preventDefault();
    });
    this.refresh(this.drafts.restore());
  }

  take(cell, field) {
    this.apply(this.model.type(cell, field.value));
    this.form.dispatchEvent(new CustomEvent("sheet:changed", { bubbles: true }));
  }

  apply(cells) {
    this.refresh(cells);
    this.drafts.keep();
  }

  refresh(cells) {
    for (const cell of cells) this.#paint(cell);
    const unsaved = this.model.unsaved().length;
    const wait = whyWait({ waiting: this.model.waiting().length, off: false });
    if (!this.button) return;
    this.button.disabled = unsaved === 0 || Boolean(wait) || this.saver.isBusy;
    const count = fill(ngettext("Save %(count)s entry", "Save %(count)s entries", unsaved), { count: unsaved });
    this.button.textContent = wait || (unsaved ? count : this.label);
  }

  #paint(cell) {
    const field = this.fieldOf.get(cell);
    const { kind, text } = wordOn(cell);
    const isTyping = document.activeElement === field && !cell.error;
    if (!isTyping && !cell.error) field.value = shown(cell.value, cell.decimals);
    field.classList.toggle("is-changed", cell.isChanged);
    field.classList.toggle("is-rejected", kind === "rejected");
    field.classList.toggle("is-doubtful", kind === "doubtful");
    field.setAttribute("aria-invalid", String(Boolean(kind)));
    const row = field.closest(".ui-entry");
    row.querySelector(".ui-entry__says")?.remove();
    if (!kind) return field.removeAttribute("aria-describedby");
    const says = make("div", `ui-entry__says is-${kind}`, { id: `${field.id}-says`, role: "status" });
    const { title } = cell.doubt ?? {};
    if (kind === "doubtful" && title) says.append(make("b", "", {}, title));
    says.append(...sentence(title ? "" : kind, text));
    if (kind === "doubtful") {
      const answers = {
        correct: (value) => this.apply(this.model.edit([{ cell, value }])),
        insist: (reason) => {
          cell.reason = reason;
          this.apply([cell]);
        },
      };
      says.append(answersTo(cell, answers, "ui-pair"));
    }
    row.append(says);
    field.setAttribute("aria-describedby", says.id);
  }

  nameOf(cell) {
    return this.form.querySelector(`label[for="${this.fieldOf.get(cell).id}"] b`)?.textContent ?? "";
  }

  trouble(text, { canRetry = false, cells = [] } = {}) {
    this.troubleBox.hidden = !text;
    this.troubleBox.replaceChildren(text);
    if (text && canRetry) {
      const again = make("button", "ui-button ui-button--small", { type: "button" }, gettext("Try again"));
      again.addEventListener("click", () => this.saver.save());
      this.troubleBox.append(again);
    }
    if (cells.length) this.fieldOf.get(cells[0]).scrollIntoView({ block: "center" });
  }

  saved(message) {
    this.drafts.keep();
    toast(message || gettext("Saved"));
    this.form.dispatchEvent(new CustomEvent("sheet:saved", { bubbles: true }));
  }

  settle(known) {
    return askWhose(known, (cell) => this.nameOf(cell));
  }
}
