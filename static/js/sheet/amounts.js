/* Exact decimals: an amount is a BigInt of ten-thousandths, never a float. */
import { fill, gettext } from "../words.js";

export const PLACES = 4;
const UNIT = 10n ** BigInt(PLACES);
const MINUS = "\u2212";

/**
 * Read what a person typed or pasted, as { value } or { error }.
 *
 * Takes full-width digits and signs, thousands separators, ¥ in front, % behind, accounting
 * brackets and every kind of minus; null for nothing at all. With `isPercent` the cell itself
 * counts in percent, so that 12% is 12; elsewhere it is 0.12. More decimals than the cell has
 * are refused, not rounded.
 */
export function parseAmount(text, { decimals = 0, isPercent = false } = {}) {
  const typed = String(text).replace(/\0/g, "");
  let rest = typed.normalize("NFKC").replace(/[\s']/g, (mark) => (mark === "'" ? "" : " ")).trim();
  if (rest === "") return { value: null };
  const refused = { error: fill(gettext("“%(typed)s” is not a number."), { typed: typed.trim() }) };

  const bracketed = /^\((.+)\)$/.exec(rest);
  if (bracketed) rest = `-${bracketed[1]}`;
  rest = rest.replace(/[\u2212\u2013\u2012\uFE63]/g, "-").replace(/^([-+]?)\s*[¥$]\s*([-+]?)/, "$1$2");
  const isRate = rest.endsWith("%");
  if (isRate) rest = rest.slice(0, -1).trimEnd();

  const parts = /^([-+]?)(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?$/.exec(rest);
  if (!parts || !(parts[2] || parts[3])) return refused;
  const [, sign, whole, fraction = ""] = parts;
  let digits = whole.replaceAll(",", "") + fraction;
  let scale = fraction.length + (isRate && !isPercent ? 2 : 0);
  while (scale > 0 && digits.endsWith("0")) {
    digits = digits.slice(0, -1);
    scale -= 1;
  }
  if (scale > Math.min(decimals, PLACES)) return { error: tooFine(typed.trim(), decimals) };
  if (digits.length - scale > 14) return refused;
  const size = BigInt(digits || "0") * 10n ** BigInt(PLACES - scale);
  return { value: sign === "-" ? -size : size };
}

const tooFine = (typed, decimals) =>
  decimals === 0
    ? fill(gettext("“%(typed)s” is not a whole number."), { typed })
    : fill(gettext("“%(typed)s” has more than %(decimals)s decimals."), { typed, decimals });

/** Return the amount behind a canonical decimal ("786", "-0.5"), null for "". */
export function amountOf(text) {
  if (text === null || text === undefined || text === "") return null;
  return parseAmount(text, { decimals: PLACES }).value ?? null;
}

/** Return the canonical decimal to send or copy: ASCII, no separators, `decimals` places or more if needed. */
export function canonical(value, decimals = 0) {
  if (value === null) return "";
  const size = value < 0n ? -value : value;
  let fraction = (size % UNIT).toString().padStart(PLACES, "0");
  while (fraction.length > decimals && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  return `${value < 0n ? "-" : ""}${size / UNIT}${fraction ? `.${fraction}` : ""}`;
}

/** Return the amount as it is read: thousands separated, U+2212, `decimals` places. */
export function shown(value, decimals = 0, { signed = false } = {}) {
  if (value === null) return "";
  const [whole, fraction] = canonical(value < 0n ? -value : value, decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = value < 0n ? MINUS : signed && value > 0n ? "+" : "";
  return sign + grouped + (fraction ? `.${fraction}` : "");
}

/** Return sum ÷ count, half away from zero, with the places given. */
export function average(sum, count, decimals) {
  const step = 10n ** BigInt(PLACES - decimals);
  const divisor = BigInt(count) * step;
  const size = sum < 0n ? -sum : sum;
  const rounded = ((2n * size + divisor) / (2n * divisor)) * step;
  return sum < 0n ? -rounded : rounded;
}
