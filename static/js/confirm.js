/* Ask before what cannot be undone: data-confirm on a form, a button or an htmx element. */
import { gettext } from "./words.js";

/**
 * Ask in the dialog of the page; resolve to null (cancelled) or { reason }.
 * With `reasonLabel` a reason has to be written.
 */
export function ask({ title, text = "", action = "", reasonLabel = "" }) {
  const dialog = document.getElementById("confirm");
  const reason = dialog.querySelector("[data-confirm-reason]");
  const field = reason.querySelector("textarea");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("[data-confirm-text]").textContent = text;
  dialog.querySelector("[data-confirm-go]").textContent = action || gettext("Confirm");
  dialog.querySelector("[data-confirm-label]").textContent = reasonLabel;
  reason.hidden = !reasonLabel;
  field.required = Boolean(reasonLabel);
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => resolve(dialog.returnValue === "confirm" ? { reason: field.value.trim() } : null),
      { once: true },
    );
  });
}

const questionOf = (element) => ({
  title: element.dataset.confirmTitle || element.dataset.confirm,
  text: element.dataset.confirmTitle ? element.dataset.confirm : "",
  action: element.dataset.confirmAction,
  reasonLabel: element.dataset.confirmReason,
});

function withReason(form, name, reason) {
  if (!reason) return;
  let field = form.querySelector(`input[type="hidden"][name="${name}"]`);
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    form.append(field);
  }
  field.value = reason;
}

/** Hold every submit that carries data-confirm until it is confirmed. */
export function attachConfirm() {
  const confirmed = new WeakSet();
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const submitter = event.submitter;
      const asking = submitter?.dataset.confirm ? submitter : form;
      if (!asking.dataset?.confirm || confirmed.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const answer = await ask(questionOf(asking));
      if (!answer) return;
      withReason(form, asking.dataset.confirmName || "reason", answer.reason);
      confirmed.add(form);
      form.requestSubmit(submitter);
    },
    true,
  );
}
