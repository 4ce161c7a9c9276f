import assert from "node:assert/strict";
import test from "node:test";

import { between, columnNames, extent } from "./static/js/charts/labels.js";

test("a name has its lines at its own seams, or stands upright", () => {
  const narrow = columnNames(["Grid 1", "Urban-rural", "城乡结合办"], 41);
  assert.equal(narrow.formatter("Urban-rural"), "Urban-\nrural");
  assert.equal(narrow.formatter("Grid 1"), "Grid 1");
  assert.deepEqual(columnNames(["Urban-rural"], 36), { rotate: 90 });
  assert.equal(columnNames(["Urban-rural"], 72).formatter("Urban-rural"), "Urban-rural");
});

test("what is said of a bar has its own line where one is too short", () => {
  assert.equal(extent("略落后"), 36);
  assert.equal(between(["64.56", "71.26"], ["Slightly behind", "Ahead"], 104), "\n");
  assert.equal(between(["64.56", "71.26"], ["略落后", "超前"], 104), " ");
  assert.equal(between(["64.56"], [], 104), " ");
});
