import assert from "node:assert/strict";
import test from "node:test";

import { layOver, parseTable, tableText } from "./static/js/sheet/clipboard.js";

test("CR LF and the last line end of a spreadsheet make no extra row", () => {
  assert.deepEqual(parseTable("1\t2\r\n3\t4\r\n"), [["1", "2"], ["3", "4"]]);
  assert.deepEqual(parseTable("1\n2"), [["1"], ["2"]]);
  assert.deepEqual(parseTable("1\r2\r"), [["1"], ["2"]]);
  assert.deepEqual(parseTable("1,234.50\r\n\0"), [["1,234.50"]]);
});

test("empty cells and empty rows inside stay in place", () => {
  assert.deepEqual(parseTable("1\t\t3\n\t\n4"), [["1", "", "3"], ["", ""], ["4"]]);
  assert.deepEqual(parseTable("1\n\n3\n"), [["1"], [""], ["3"]]);
});

test("quoted cells may hold tabs, line ends and quotes", () => {
  assert.deepEqual(parseTable('"a\tb"\t"c\nd"\t"say ""x"""\n'), [["a\tb", "c\nd", 'say "x"']]);
  assert.deepEqual(parseTable('5"\t6'), [['5"', "6"]]);
});

test("what was copied comes back unchanged", () => {
  const rows = [["1", "-2.50"], ["", "4"]];
  assert.deepEqual(parseTable(tableText(rows)), rows);
});

const places = (laid) => laid.placed.map(({ row, column, text }) => `${row}${column}${text}`).join(" ");

test("one cell fills the range, a dividing table is repeated, another is laid once", () => {
  const size = { rows: 9, columns: 9 };
  assert.equal(places(layOver([["x"]], { top: 1, left: 1, height: 2, width: 2 }, size)), "11x 12x 21x 22x");
  assert.equal(places(layOver([["a", "b"]], { top: 0, left: 0, height: 2, width: 4 }, size)), "00a 01b 02a 03b 10a 11b 12a 13b");
  assert.equal(places(layOver([["a", "b"]], { top: 0, left: 0, height: 1, width: 3 }, size)), "00a 01b");
});

test("what reaches beyond the sheet is cut and counted", () => {
  const laid = layOver([["a", "b"], ["c", "d"]], { top: 0, left: 0, height: 1, width: 1 }, { rows: 2, columns: 1 });
  assert.equal(places(laid), "00a 10c");
  assert.equal(laid.cut, 2);
});
