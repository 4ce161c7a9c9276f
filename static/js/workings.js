/* A figure opens its workings beside the page: not modal, Esc closes, the focus goes back. */
let opener = null;

const panel = () => document.getElementById("workings");

export function closeWorkings() {
  const sheet = panel();
  if (!sheet || sheet.hidden) return;
  sheet.hidden = true;
  sheet.replaceChildren();
  document.body.classList.remove("has-workings");
  opener?.closest("tr")?.classList.remove("is-open");
  opener?.removeAttribute("aria-expanded");
  opener?.focus({ preventScroll: true });
  opener = null;
}

async function open(figure) {
  const sheet = panel();
  opener?.closest("tr")?.classList.remove("is-open");
  opener?.removeAttribute("aria-expanded");
  opener = figure;
  figure.closest("tr")?.classList.add("is-open");
  figure.setAttribute("aria-expanded", "true");
  sheet.hidden = false;
  sheet.classList.add("is-loading");
  document.body.classList.add("has-workings");
  await window.htmx.ajax("GET", figure.dataset.workingsUrl, { target: sheet, swap: "innerHTML" });
  sheet.classList.remove("is-loading");
  if (opener === figure && !sheet.hidden) sheet.focus({ preventScroll: true });
}

/** Follow the figures of the page, also those that arrive later. */
export function attachWorkings() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-workings-close]")) return closeWorkings();
    const figure = event.target.closest("[data-workings-url]");
    const asksForTab = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
    if (!figure || asksForTab || !panel() || !window.htmx) return;
    event.preventDefault();
    open(figure);
  });
  document.addEventListener("keydown", (event) => {
    const isElsewhere = event.target.closest?.("dialog, [data-sheet], details[open]");
    if (event.key === "Escape" && !event.defaultPrevented && !isElsewhere) closeWorkings();
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.target === panel()) window.location.assign(opener.dataset.workingsUrl);
  });
}
