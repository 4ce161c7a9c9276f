/* What is typed into a form with data-draft stays on this device until the server has it. */
import { fill, gettext } from "./words.js";

const PREFIX = "draft:";
const SENT = "draft-sent";
const KEPT_DAYS = 7;
const IGNORED = new Set(["hidden", "password", "file", "submit", "button"]);

const fieldsOf = (form) =>
  [...form.elements].filter((field) => field.name && !IGNORED.has(field.type));
const isTick = (field) => field.type === "checkbox" || field.type === "radio";

/** Return what is in the form now: [name, value, position] of each field, ticks as booleans. */
export function typed(fields) {
  const counts = new Map();
  return fields.map((field) => {
    const at = counts.get(field.name) ?? 0;
    counts.set(field.name, at + 1);
    return [field.name, isTick(field) ? field.checked : field.value, at];
  });
}

/** Put a draft into the fields; return whether anything differs from what they held. */
export function put(fields, values) {
  let differs = false;
  for (const [name, value, at] of values) {
    const field = fields.filter((each) => each.name === name)[at];
    if (!field) continue;
    const property = isTick(field) ? "checked" : "value";
    if (field[property] === value) continue;
    field[property] = value;
    // A choice that is no longer offered stays as it was.
    differs ||= field[property] === value;
  }
  return differs;
}

/** Return the draft under a key, null when there is none or it is too old. */
export function read(storage, key, now) {
  try {
    const draft = JSON.parse(storage.getItem(PREFIX + key) ?? "null");
    if (!draft) return null;
    if (now - draft.at < KEPT_DAYS * 86_400_000) return draft;
    storage.removeItem(PREFIX + key);
  } catch {
    // No storage, or not ours: nothing to put back.
  }
  return null;
}

function write(key, form) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify({ at: Date.now(), values: typed(fieldsOf(form)) }));
  } catch {
    // A full or forbidden storage: the form works as any other.
  }
}

const forget = (key) => {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Nothing was kept.
  }
};

/** A draft that was sent is delivered when the answer is another page, or says that it was done. */
function settle(forms) {
  const sent = sessionStorage.getItem(SENT);
  if (!sent) return;
  sessionStorage.removeItem(SENT);
  const isBack = forms.some((form) => form.dataset.draft === sent);
  const isDone = document.querySelector("#toasts [data-toast]") !== null;
  if (!isBack || isDone) forget(sent);
}

function attach(form) {
  const key = form.dataset.draft;
  const note = form.querySelector("[data-draft-note]");
  const say = (text) => {
    note.querySelector("[data-draft-text]").textContent = text;
    note.hidden = false;
  };
  const untouched = typed(fieldsOf(form));
  const draft = read(localStorage, key, Date.now());
  if (draft && put(fieldsOf(form), draft.values)) {
    const at = new Date(draft.at).toLocaleString(document.documentElement.lang, {
      dateStyle: "short",
      timeStyle: "short",
    });
    say(fill(gettext("Back again: what you typed on %(at)s and did not send. Attach photos anew."), { at }));
  }
  form.addEventListener("input", () => write(key, form));
  form.addEventListener("change", () => write(key, form));
  note.querySelector("[data-draft-discard]").addEventListener("click", () => {
    forget(key);
    put(fieldsOf(form), untouched);
    note.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    write(key, form);
    if (navigator.onLine === false) {
      event.preventDefault();
      say(gettext("No connection. What you typed stays on this device; send it again later."));
      return;
    }
    sessionStorage.setItem(SENT, key);
  });
}

if (globalThis.document) {
  const forms = [...document.querySelectorAll("form[data-draft]")];
  settle(forms);
  forms.forEach(attach);
}
