import assert from "node:assert/strict";
import test from "node:test";

import { amountOf, canonical } from "./static/js/sheet/amounts.js";
import { Cell, Model, sum } from "./static/js/sheet/model.js";
import { bodyOf, cellOf } from "./static/js/sheet/save.js";
import { wordOn, whyWait } from "./static/js/sheet/says.js";

const sheet = (values, flags = {}) =>
  new Model(values.map((row, r) => row.map((value, c) => value === undefined ? null : new Cell({
    key: { unit: `grid${r + 1}`, month: c + 1 }, value, version: 1, ...flags,
  }))));
const all = (model) => model.rows.map((row) => row.map((cell) => cell && canonical(cell.value)).join(" ")).join(" | ");
const whole = (model) => ({ top: 0, left: 0, height: model.rows.length, width: model.columns });

test("an edit is undone and redone, and a new edit ends the redoing", () => {
  const model = sheet([["1", "2"]]);
  model.type(model.at(0, 0), "10");
  model.type(model.at(0, 1), "20");
  model.undo();
  assert.equal(all(model), "10 2");
  model.redo();
  assert.equal(all(model), "10 20");
  model.undo();
  model.type(model.at(0, 0), "11");
  assert.deepEqual(model.redo(), []);
  model.undo();
  model.undo();
  assert.equal(all(model), "1 2");
  assert.deepEqual(model.undo(), []);
  assert.equal(model.unsaved().length, 0);
});

test("a paste is one step of undo and says what it could not place", () => {
  const model = sheet([["1", "2"], ["3", "4"]]);
  model.at(0, 1).isLocked = true;
  const told = model.paste([["7", "8"], ["x", "9"], ["5", "5"]], { top: 0, left: 0, height: 1, width: 1 });
  assert.equal(all(model), "7 2 | 3 9");
  assert.deepEqual([told.cut, told.kept, told.refused], [2, 1, 1]);
  assert.match(model.at(1, 0).error, /“x”/);
  model.undo();
  assert.equal(all(model), "1 2 | 3 4");
});

test("a value that is no number keeps the old one", () => {
  const model = sheet([["1"]]);
  model.type(model.at(0, 0), "12a");
  assert.equal(all(model), "1");
  assert.equal(wordOn(model.at(0, 0)).kind, "rejected");
  model.type(model.at(0, 0), "1");
  assert.equal(model.at(0, 0).error, "");
});

test("only what may be cleared is cleared", () => {
  const model = sheet([["1", "2"]]);
  model.at(0, 1).isClearable = true;
  model.clear(whole(model));
  assert.equal(all(model), "1 ");
  assert.equal(model.at(0, 1).value, null);
  assert.deepEqual(model.type(model.at(0, 0), ""), []);
});

test("fill copies the first row or column, or the neighbour", () => {
  const model = sheet([["1", "2"], ["3", "4"]]);
  model.fill(whole(model), "down");
  assert.equal(all(model), "1 2 | 1 2");
  model.fill(whole(model), "right");
  assert.equal(all(model), "1 1 | 1 1");
  const other = sheet([["1", "2"]]);
  other.fill({ top: 0, left: 1, height: 1, width: 1 }, "right");
  assert.equal(all(other), "1 1");
});

test("statistics leave out what is not reported", () => {
  const model = sheet([["1", ""], ["4", undefined]]);
  const found = model.statistics(whole(model));
  assert.equal(found.count, 2);
  assert.equal(canonical(found.average), "2.5");
  assert.equal(sum([model.at(0, 1)]), null);
});

test("only changed cells are sent, as decimal text with key and version", () => {
  const model = sheet([["1", "2"]], { decimals: 2 });
  model.at(0, 1).version = null;
  model.type(model.at(0, 1), "2.5");
  assert.deepEqual(bodyOf(model.unsaved(), { as_of: "2026-03-17" }), {
    as_of: "2026-03-17", cells: [{ unit: "grid1", month: 2, value: "2.50", version: null }],
  });
});

test("a saved cell is clean, one moved by the server is marked, one edited meanwhile stays unsaved", () => {
  const model = sheet([["1", "2", "3"]]);
  const [sent, moved] = model.rows[0];
  model.type(sent, "10");
  const values = new Map([[sent, sent.value]]);
  model.type(sent, "11");
  model.takeSaved([
    { unit: "grid1", month: 1, value: "10", version: 2 }, { month: 2, unit: "grid1", value: "1", version: 2 },
  ], values);
  assert.equal(all(model), "11 1 3");
  assert.deepEqual([sent.isChanged, sent.version, moved.isChanged, moved.isMoved], [true, 2, false, true]);
});

test("a conflict is settled either way without losing an entry", () => {
  const model = sheet([["1", "2"]]);
  const [mine, theirs] = model.rows[0];
  model.type(mine, "10");
  model.type(theirs, "20");
  model.settle(mine, { theirs: "5", version: 7 }, "mine");
  model.settle(theirs, { theirs: "6", version: 8 }, "theirs");
  assert.deepEqual([mine.isChanged, mine.version, canonical(mine.value)], [true, 7, "10"]);
  assert.deepEqual([theirs.isChanged, theirs.version, canonical(theirs.value)], [false, 8, "6"]);
  model.undo();
  assert.equal(canonical(theirs.value), "20");
});

test("a problem finds its cell by pointer into what was sent, or by key", () => {
  const model = sheet([["1", "2"]]);
  const sent = [model.at(0, 1)];
  assert.equal(cellOf({ pointer: "/cells/0/value" }, sent, model), model.at(0, 1));
  assert.equal(cellOf({ pointer: "/cells/9/value", key: { month: 1, unit: "grid1" } }, sent, model), model.at(0, 0));
  assert.equal(cellOf({ unit: "grid1", month: 2, theirs: "5" }, sent, model), model.at(0, 1));
  assert.equal(cellOf({ pointer: "/as_of" }, sent, model), null);
});

test("a doubt holds the save until it is corrected or explained", () => {
  const model = sheet([["28.07"]], { decimals: 2 });
  const cell = model.at(0, 0);
  model.type(cell, "288100");
  cell.doubt = { detail: "…", suggestion: "28.81" };
  assert.equal(model.waiting().length, 1);
  assert.notEqual(whyWait({ waiting: 1, off: false }), "");
  cell.reason = "new group";
  assert.equal(model.waiting().length, 0);
  assert.equal(bodyOf([cell]).cells[0].reason, "new group");
  model.edit([{ cell, value: amountOf("28.81") }]);
  assert.deepEqual([cell.doubt, cell.reason], [null, ""]);
});

test("an undo passes by a cell that was locked since", () => {
  const model = sheet([["1"]]);
  model.type(model.at(0, 0), "2");
  model.at(0, 0).isLocked = true;
  model.undo();
  assert.equal(all(model), "2");
});
