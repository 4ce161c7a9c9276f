import assert from "node:assert/strict";
import test from "node:test";

import { absorbIn, spreadOver } from "./static/js/sheet/absorb.js";
import { canonical } from "./static/js/sheet/amounts.js";
import { parseTable, withoutHeads } from "./static/js/sheet/clipboard.js";
import { Cell, Model, sum } from "./static/js/sheet/model.js";

const row = (values, decimals = 0) =>
  values.map((value, c) => new Cell({ key: { month: c + 1 }, value: String(value), version: 1, decimals }));
const texts = (cells) => cells.map((cell) => canonical(cell.value, cell.decimals)).join(" ");
const play = (edits) => edits.forEach(({ cell, value }) => (cell.value = value));

test("what an edit added is taken from the rest of the row by size, to the last unit", () => {
  const cells = row([786, 590, 721]);
  cells[0].value = 8000000n; // 800: 14 more
  play(absorbIn([cells]));
  assert.equal(texts(cells), "800 584 713"); // 14 × 590 ÷ 1311 = 6.3, 14 × 721 ÷ 1311 = 7.7
  assert.equal(canonical(sum(cells)), "2097");
});

test("locked cells and other changes stand, and hundredths are kept", () => {
  const cells = row(["10.00", "5.01", "5.00", "4.00"], 2);
  cells[0].value += 333n * 100n;
  cells[3].isLocked = true;
  play(absorbIn([cells]));
  assert.equal(canonical(cells[3].value, 2), "4.00");
  assert.equal(canonical(sum(cells), 2), "24.01");
});

test("more than the rest holds cannot be absorbed, nor where nothing is open", () => {
  const cells = row([100, 10, 10]);
  cells[0].value = 1210000n; // 21 more than before
  assert.equal(absorbIn([cells]), null);
  assert.equal(spreadOver(10000n, row([5]).map((cell) => Object.assign(cell, { isLocked: true }))), null);
});

test("zeros share alike and a minus row mirrors a plus row", () => {
  const zeros = row([0, 0, 0]);
  play(spreadOver(40000n, zeros));
  assert.equal(texts(zeros), "2 1 1");
  const minus = row([-60, -40]);
  play(spreadOver(-100000n, minus));
  assert.equal(texts(minus), "-66 -44");
});

test("every spread makes its amount and stays within a unit of its share", () => {
  let seed = 7;
  const random = (most) => (seed = (seed * 48271) % 2147483647) % most;
  for (let turn = 0; turn < 2000; turn += 1) {
    const cells = row(Array.from({ length: 1 + random(12) }, () => random(900)));
    const held = sum(cells);
    const amount = BigInt(random(2000) - 900) * 10000n;
    const before = cells.map((cell) => cell.value);
    const edits = spreadOver(amount, cells);
    if (edits === null) {
      assert.ok(held + amount < 0n);
      continue;
    }
    play(edits);
    assert.equal(sum(cells), held + amount);
    cells.forEach((cell, index) => {
      if (held === 0n) return;
      const off = (cell.value - before[index]) * held - amount * before[index];
      assert.ok((off < 0n ? -off : off) < 10000n * held);
      assert.ok(cell.value >= 0n);
    });
  }
});

test("letting the totals follow the cells is a step of undo", () => {
  const model = new Model([row([1, 2])]);
  model.type(model.at(0, 0), "5");
  model.adopt();
  assert.equal(model.isAdopting, true);
  model.undo();
  assert.equal(model.isAdopting, false);
  assert.equal(canonical(model.at(0, 0).value), "5");
  model.redo();
  assert.equal(model.isAdopting, true);
});

test("dragging the corner repeats the range", () => {
  const model = new Model([row([1, 2, 0, 0, 0])]);
  model.fillOver({ top: 0, left: 0, height: 1, width: 2 }, { top: 0, left: 0, height: 1, width: 5 });
  assert.equal(texts(model.rows[0]), "1 2 1 2 1");
  model.fillOver({ top: 0, left: 3, height: 1, width: 1 }, { top: 0, left: 1, height: 1, width: 3 });
  assert.equal(texts(model.rows[0]), "1 2 2 2 1");
});

test("heads, merged heads and sums that came along are left out", () => {
  const copied = "网格\t层级\t1月\t2月\t合计\r\n网格1\t一级\t786\t590\t1,376\r\n\t二级\t423\t317\t740\r\n合计\t\t1,209\t907\t2,116\r\n";
  assert.deepEqual(withoutHeads(parseTable(copied)), [["786", "590"], ["423", "317"]]);
});

test("a table of figures stays as it is, with its blanks and its odd words", () => {
  const plain = [["1,200", ""], ["约一万", "5"]];
  assert.deepEqual(withoutHeads(plain), plain);
  assert.deepEqual(withoutHeads([["无"]]), [["无"]]);
  assert.deepEqual(withoutHeads([["", "3"]]), [["", "3"]]);
});
