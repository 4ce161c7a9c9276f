import assert from "node:assert/strict";
import test from "node:test";

import { amountOf, average, canonical, parseAmount, shown } from "./static/js/sheet/amounts.js";

const value = (text, cell = {}) => {
  const read = parseAmount(text, { decimals: 2, ...cell });
  return read.error ? "refused" : read.value === null ? null : canonical(read.value);
};

test("numbers are read as Excel, WPS and Chinese keyboards write them", () => {
  for (const [text, expected] of [
    ["786", "786"], [" 786 ", "786"], ["1,234.50", "1234.5"], ["¥2,000", "2000"], ["￥2,000.00", "2000"],
    ["１，２３４．５", "1234.5"], ["－12", "-12"], ["\u221212", "-12"], ["–12", "-12"], ["(1,200)", "-1200"],
    ["（12）", "-12"], ["+3", "+3".slice(1)], ["-¥5", "-5"], ["¥-5", "-5"], [".5", "0.5"], ["7.", "7"],
    ["1.00000", "1"], ["0", "0"], ["-0", "0"], ["\u00a012\u3000", "12"], ["'12", "12"], ["12\0", "12"],
  ]) assert.equal(value(text), expected, text);
});

test("nothing is null, never zero", () => {
  for (const text of ["", "  ", "\u3000"]) assert.equal(value(text), null);
  assert.equal(amountOf(""), null);
  assert.equal(shown(null, 2), "");
  assert.equal(canonical(null), "");
});

test("a percentage is 12 where the cell counts in percent and 0.12 elsewhere", () => {
  assert.equal(value("12%", { isPercent: true }), "12");
  assert.equal(value("１２．５％", { isPercent: true }), "12.5");
  assert.equal(value("12%"), "0.12");
  assert.equal(value("12.5%"), "refused");
});

test("what is no number, or finer than the cell, is refused with what was typed", () => {
  for (const text of ["12a", "1,23", "1,2345", "1 234", "1.2.3", "--1", "-", "—", "1.2E+05", "待报", "%", "¥", "()"]) {
    assert.equal(value(text), "refused", text);
  }
  assert.match(parseAmount("12.5", { decimals: 0 }).error, /“12.5” is not a whole number/);
  assert.match(parseAmount("1.005", { decimals: 2 }).error, /more than 2 decimals/);
  assert.equal(value("1.50", { decimals: 1 }), "1.5");
  assert.equal(value("999999999999999"), "refused");
});

test("amounts are shown with separators, a real minus and the places of the cell", () => {
  const show = (text, decimals, options) => shown(amountOf(text), decimals, options);
  assert.equal(show("70000", 0), "70,000");
  assert.equal(show("-1234567.5", 2), "\u22121,234,567.50");
  assert.equal(show("12", 0, { signed: true }), "+12");
  assert.equal(show("0", 2, { signed: true }), "0.00");
  assert.equal(show("999", 0), "999");
});

test("sums are exact where floats are not", () => {
  assert.equal(canonical(amountOf("0.1") + amountOf("0.2")), "0.3");
  assert.equal(canonical(amountOf("3109.92") * 3n, 2), "9329.76");
});

test("averages round half away from zero", () => {
  assert.equal(canonical(average(amountOf("5961"), 12, 2), 2), "496.75");
  assert.equal(canonical(average(amountOf("1"), 8, 2), 2), "0.13");
  assert.equal(canonical(average(amountOf("-1"), 8, 2), 2), "-0.13");
});
