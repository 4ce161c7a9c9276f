/* What an edit took from a sum, taken up elsewhere: exact, by size, locks untouched. */
import { PLACES } from "./amounts.js";
import { sum } from "./model.js";

/**
 * Spread `amount` over cells in proportion to their values (alike where all are 0), in the cells'
 * own smallest units, by largest remainder. Returns edits {cell, value}; null when there is no
 * cell, or when the cells do not hold what is taken from them.
 */
export function spreadOver(amount, cells) {
  const open = cells.filter((cell) => cell.isEditable && cell.value !== null);
  if (open.length === 0) return null;
  const step = 10n ** BigInt(PLACES - Math.max(...open.map((cell) => cell.decimals)));
  const size = (value) => (value < 0n ? -value : value);
  const held = sum(open);
  if ((held > 0n && held + amount < 0n) || (held < 0n && held + amount > 0n)) return null;
  const weights = open.map((cell) => size(cell.value));
  const isFlat = weights.every((weight) => weight === 0n);
  const base = isFlat ? BigInt(open.length) : weights.reduce((total, weight) => total + weight, 0n);
  const units = size(amount) / step;
  const shares = weights.map((weight) => {
    const product = units * (isFlat ? 1n : weight);
    return { whole: product / base, rest: product % base };
  });
  const left = Number(units - shares.reduce((total, { whole }) => total + whole, 0n));
  const order = shares.map((_share, index) => index).sort((a, b) => Number(shares[b].rest > shares[a].rest) - Number(shares[b].rest < shares[a].rest) || a - b);
  for (const index of order.slice(0, left)) shares[index].whole += 1n;
  return open.map((cell, index) => ({
    cell,
    value: cell.value + (amount < 0n ? -1n : 1n) * shares[index].whole * step,
  }));
}

/**
 * Return edits that give back, line by line, what the unsaved changes of the line added to it;
 * `lines` are rows or columns of cells. Changed and locked cells stand. null: a line cannot.
 */
export function absorbIn(lines) {
  const edits = [];
  for (const line of lines) {
    const cells = line.filter((cell) => cell !== null);
    const added = cells.reduce((total, cell) => total + ((cell.value ?? 0n) - (cell.saved ?? 0n)), 0n);
    if (added === 0n) continue;
    const found = spreadOver(-added, cells.filter((cell) => !cell.isChanged));
    if (!found) return null;
    edits.push(...found);
  }
  return edits;
}
