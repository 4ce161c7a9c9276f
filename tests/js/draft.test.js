import assert from "node:assert/strict";
import test from "node:test";

import { isDelivered, put, read, typed } from "./static/js/draft.js";

const text = (name, given, now = given) => ({ name, type: "text", defaultValue: given, value: now });
const tick = (name, given, now = given, type = "checkbox") => ({
  name, type, value: "on", defaultChecked: given, checked: now,
});
/** A select as browsers have it: a value that no option has leaves it blank. */
function select(name, values, given, now = given) {
  const options = values.map((value) => ({ value, defaultSelected: value === given }));
  let chosen = now;
  return {
    name, type: "select-one", options,
    get value() {
      return chosen;
    },
    set value(value) {
      chosen = values.includes(value) ? value : "";
    },
  };
}
const values = (fields) => fields.map((field) => (field.type.match(/radio|checkbox/) ? field.checked : field.value));

test("a draft comes back into fields that nobody touched", () => {
  const fields = [text("a", ""), text("a", ""), tick("b", false), select("c", ["x", "y"], "x")];
  const draft = typed([text("a", "", "1"), text("a", "", "2"), tick("b", false, true), select("c", ["x", "y"], "x", "y")]);
  assert.equal(put(fields, draft), true);
  assert.deepEqual(values(fields), ["1", "2", true, "y"]);
  assert.equal(put(fields, draft), false);
});

test("what somebody typed or chose meanwhile stays", () => {
  const fields = [
    text("a", "", "new"), select("c", ["x", "y", "z"], "x", "z"), tick("b", false, true), text("d", ""),
    tick("r", false, true, "radio"), tick("r", false, false, "radio"),
  ];
  const draft = [["a", "old", 0], ["c", "y", 0], ["b", false, 0], ["d", "old", 0], ["r", false, 0], ["r", true, 1]];
  assert.equal(put(fields, draft), true);
  assert.deepEqual(values(fields), ["new", "z", true, "old", true, false]);
});

test("a choice that is no longer offered leaves the select as it is", () => {
  const fields = [select("stage", ["", "lost"], "lost"), select("first", ["x", "y"], undefined, "x")];
  assert.equal(put(fields, [["stage", "signed", 0], ["first", "gone", 0], ["elsewhere", "1", 0]]), false);
  assert.deepEqual(values(fields), ["lost", "x"]);
});

test("a discarded draft is taken back from every field", () => {
  const fields = [text("a", "given")];
  const given = typed(fields);
  put(fields, [["a", "draft", 0]]);
  put(fields, given, { isBack: true });
  assert.deepEqual(values(fields), ["given"]);
});

test("a draft is delivered when the page that it led to says so", () => {
  const sent = { key: "visit-1", path: "/field/visits/1/" };
  const page = (isDone, referrer) => isDelivered(sent, { isDone, referrer });
  assert.equal(page(true, "http://portal/field/visits/1/"), true);
  assert.equal(page(false, "http://portal/field/visits/1/"), false); // refused, or signed out
  assert.equal(page(true, "http://portal/field/visits/"), false);
  assert.equal(page(true, ""), false); // typed into the address bar after a lost connection
});

test("a draft of last week is gone", () => {
  const kept = new Map([["draft:a", JSON.stringify({ at: 0, values: [["a", "1", 0]] })]]);
  const storage = { getItem: (key) => kept.get(key) ?? null, removeItem: (key) => kept.delete(key) };
  assert.deepEqual(read(storage, "a", 6 * 86_400_000).values, [["a", "1", 0]]);
  assert.equal(read(storage, "a", 8 * 86_400_000), null);
  assert.equal(kept.size, 0);
});
