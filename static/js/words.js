/* Translation for modules that also run outside a page, where Django's catalogue is absent. */
export const gettext = (text) => (globalThis.gettext ? globalThis.gettext(text) : text);

export const ngettext = (one, many, n) =>
  globalThis.ngettext ? globalThis.ngettext(one, many, n) : n === 1 ? one : many;

/** Put named values into a sentence: `%(unit)s`. */
export const fill = (text, values) =>
  text.replace(/%\((\w+)\)s/g, (_match, name) => String(values[name] ?? ""));
