/* What is typed into a form with data-draft stays on this device until the server has it.
   Every page runs it, before its toasts are shown: any page can be the answer. */
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

/** Whether somebody has changed a field since the page came: also before this script ran. */
export function isTouched(field) {
  if (isTick(field)) return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const options = [...field.options];
  const given = options.find((option) => option.defaultSelected) ?? options[0];
  return given !== undefined && field.value !== given.value;
}

/** Put a draft into the fields; return whether anything differs from what they held.
    What somebody has typed or chosen meanwhile stays, unless `isBack` takes it back. */
export function put(fields, values, { isBack = false } = {}) {
  const places = new Map();
  for (const field of fields) places.set(field.name, [...(places.get(field.name) ?? []), field]);
  // One choice of a group is a choice of the whole group.
  const touched = new Set(
    fields.filter(isTouched).map((field) => (field.type === "radio" ? field.name : field)),
  );
  let differs = false;
  for (const [name, value, at] of values) {
    const field = places.get(name)?.[at];
    const property = field && isTick(field) ? "checked" : "value";
    if (!field || field[property] === value) continue;
    if (!isBack && (touched.has(field) || touched.has(name))) continue;
    // A select would be left blank by a choice that is not offered any more.
    if (field.options && ![...field.options].some((option) => option.value === value)) continue;
    field[property] = value;
    differs = true;
  }
  return differs;
}

/** Whether a draft that was sent is delivered: the page it led to says that something was done.
    One that came another way says nothing of it, nor does a sign-in or a refusal. */
export const isDelivered = (sent, { isDone, referrer }) =>
  isDone && URL.canParse(referrer) && new URL(referrer).pathname === sent.path;

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

/** Forget the draft that was sent from the page before, if it was delivered. */
function settle() {
  const isDone = document.querySelector("#toasts [data-toast]") !== null;
  try {
    const sent = JSON.parse(sessionStorage.getItem(SENT) ?? "null");
    sessionStorage.removeItem(SENT);
    if (sent && isDelivered(sent, { isDone, referrer: document.referrer })) forget(sent.key);
  } catch {
    // No storage, or not ours: nothing was sent.
  }
}

function attach(form) {
  const key = form.dataset.draft;
  const note = form.querySelector("[data-draft-note]");
  const say = (text) => {
    note.querySelector("[data-draft-text]").textContent = text;
    note.hidden = false;
  };
  const given = typed(fieldsOf(form));
  const isLate = fieldsOf(form).some(isTouched);
  const draft = read(localStorage, key, Date.now());
  if (draft && put(fieldsOf(form), draft.values)) {
    const at = new Date(draft.at).toLocaleString(document.documentElement.lang, {
      dateStyle: "short",
      timeStyle: "short",
    });
    say(fill(gettext("Back again: what you typed on %(at)s and did not send. Attach photos anew."), { at }));
  }
  if (isLate) write(key, form);
  form.addEventListener("input", () => write(key, form));
  form.addEventListener("change", () => write(key, form));
  note.querySelector("[data-draft-discard]").addEventListener("click", () => {
    forget(key);
    put(fieldsOf(form), given, { isBack: true });
    note.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    write(key, form);
    if (navigator.onLine === false) {
      event.preventDefault();
      say(gettext("No connection. What you typed stays on this device; send it again later."));
      return;
    }
    sessionStorage.setItem(SENT, JSON.stringify({ key, path: location.pathname }));
  });
}

if (globalThis.document) {
  settle();
  document.querySelectorAll("form[data-draft]").forEach(attach);
}
