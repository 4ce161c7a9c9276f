/* What Excel, WPS and we put on the clipboard: rows of tab-separated cells. */

/**
 * Return the rows of a pasted text. Quoted cells may hold tabs, line ends and doubled quotes;
 * CR LF, CR and LF end a row; the one line end that spreadsheets put last makes no row.
 */
export function parseTable(text) {
  const source = text.replace(/\0/g, "").replace(/\r\n?/g, "\n");
  const rows = [[]];
  let cell = "";
  let isQuoted = false;
  const endCell = () => {
    rows.at(-1).push(cell);
    cell = "";
  };
  for (let index = 0; index < source.length; index += 1) {
    const mark = source[index];
    if (isQuoted) {
      if (mark !== '"') cell += mark;
      else if (source[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else isQuoted = false;
    } else if (mark === '"' && cell === "") isQuoted = true;
    else if (mark === "\t") endCell();
    else if (mark === "\n") {
      endCell();
      if (index < source.length - 1) rows.push([]);
    } else cell += mark;
  }
  if (!source.endsWith("\n") || isQuoted) endCell();
  return rows.filter((row) => row.length > 0);
}

const hasFigure = (text) => /^[\s¥$(+\-\u2212]*[\d\uFF10-\uFF19][\s\d\uFF10-\uFF19,.\uFF0C\uFF0E%\uFF05)]*$/.test(text.normalize("NFKC"));
const isTotal = (text) => /^(合\s*计|总\s*计|小\s*计|grand total|total|sum)$/i.test(text.trim());

/**
 * Leave out what came along with the figures of a table: head rows and columns (merged ones are
 * a text and blanks), and the sums of a row or column headed 合计. A table without heads stays.
 */
export function withoutHeads(table) {
  const width = Math.max(...table.map((row) => row.length));
  const column = (index) => table.map((row) => row[index] ?? "");
  const isHead = (texts) => texts.some((text) => text.trim()) && !texts.some(hasFigure);
  let left = 0;
  while (left < width && isHead(column(left))) left += 1;
  let top = 0;
  while (top < table.length && isHead(table[top].slice(left))) top += 1;
  if (left === width || top === table.length) return table;
  const heads = table.slice(0, top);
  const keeps = (index) => !heads.some((row) => isTotal(row[index] ?? ""));
  return table
    .slice(top)
    .filter((row) => !row.slice(0, left).some(isTotal))
    .map((row) => row.slice(left).filter((_text, index) => keeps(left + index)));
}

/** Return rows of text as a spreadsheet reads them. */
export const tableText = (rows) => rows.map((row) => row.join("\t")).join("\r\n");

/**
 * Lay a table over a range that starts at (top, left) and was `height` × `width` selected.
 *
 * One cell fills the range, a table that divides it is repeated, anything else is laid once;
 * what would go beyond `rows` × `columns` is cut off. Returns { placed: [{row, column, text}], cut }.
 */
export function layOver(table, { top, left, height, width }, { rows, columns }) {
  const tableHeight = table.length;
  const tableWidth = Math.max(...table.map((row) => row.length));
  const tiles = height % tableHeight === 0 && width % tableWidth === 0;
  const [overHeight, overWidth] = tiles ? [height, width] : [tableHeight, tableWidth];
  const placed = [];
  let cut = 0;
  for (let r = 0; r < overHeight; r += 1) {
    for (let c = 0; c < overWidth; c += 1) {
      const text = table[r % tableHeight][c % tableWidth];
      if (text === undefined) continue;
      if (top + r >= rows || left + c >= columns) cut += 1;
      else placed.push({ row: top + r, column: left + c, text });
    }
  }
  return { placed, cut };
}
