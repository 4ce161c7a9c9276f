/* How words fit beside and above what is drawn, at size 12. */

/** Return about how many pixels a text takes: a Han sign is as wide as it is high. */
export const extent = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 12 : 6.5), 0);

/** Return how the names of columns are written, `room` pixels each: on lines, else upright; no word is cut. */
export function columnNames(names, room) {
  const onLines = (name) => (extent(name) > room ? name.replaceAll("-", "-\n") : name);
  const words = names.flatMap((name) => onLines(name).split(/[\n ]|(?<=[\u2e80-\uffff])/u));
  if (words.some((word) => extent(word) > room)) return { rotate: 90 };
  return { formatter: onLines, width: room, overflow: "break", lineHeight: 14 };
}

/** Return what stands between a figure and what is said of it where one line has `room` pixels. */
export const between = (figures, notes, room) =>
  figures.some((text, at) => notes[at] && extent(`${text} ● ${notes[at]}`) > room) ? "\n" : " ";
