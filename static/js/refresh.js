/* data-refresh="30" data-refresh-url="…": keep a part of the page fresh without moving anything. */
import { fill, gettext } from "./words.js";

const STALE_MS = 180_000;

class Fresh {
  constructor(element) {
    this.element = element;
    this.url = element.dataset.refreshUrl || window.location.href;
    this.every = Number(element.dataset.refresh) * 1000;
    this.etag = element.dataset.refreshEtag || "";
    this.lastGoodAt = Date.now();
    this.isBusy = false;
    this.timer = setInterval(() => this.look(), this.every);
    document.addEventListener("visibilitychange", () => this.look());
  }

  async look() {
    if (document.hidden || this.isBusy || !this.element.isConnected) return;
    this.isBusy = true;
    try {
      const headers = { "HX-Request": "true" };
      if (this.etag) headers["If-None-Match"] = this.etag;
      const response = await fetch(this.url, { headers, credentials: "same-origin", cache: "no-store" });
      // A link that was revoked in the meantime: its own page says so.
      if (response.status === 404 && "refreshGone" in this.element.dataset) return window.location.reload();
      if (response.redirected || (!response.ok && response.status !== 304)) throw new Error();
      if (response.status !== 304) {
        this.etag = response.headers.get("ETag") ?? "";
        this.show(await response.text());
      }
      this.lastGoodAt = Date.now();
    } catch {
      // The network may be away for a while: what is shown stays, and says how old it is.
    } finally {
      this.isBusy = false;
      this.sayAge();
    }
  }

  /** Replace the content when it differs; the focus and the scroll positions are kept. */
  show(markup) {
    if (markup.trim() === this.markup) return;
    this.markup = markup.trim();
    const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
    const path = focused && pathTo(this.element, focused);
    const scrolled = [...this.element.querySelectorAll(".ui-scroll")].map((box) => [box.scrollLeft, box.scrollTop]);
    this.element.innerHTML = markup;
    window.htmx?.process(this.element);
    this.element.querySelectorAll(".ui-scroll").forEach((box, index) => {
      if (scrolled[index]) [box.scrollLeft, box.scrollTop] = scrolled[index];
    });
    if (path) at(this.element, path)?.focus({ preventScroll: true });
  }

  sayAge() {
    const note = document.querySelector("[data-refresh-note]");
    if (!note) return;
    const isStale = Date.now() - this.lastGoodAt > STALE_MS;
    note.hidden = !isStale;
    if (isStale) {
      const at = new Date(this.lastGoodAt).toTimeString().slice(0, 5);
      note.textContent = fill(gettext("Not refreshed since %(at)s"), { at });
    }
  }
}

/** Where an element sits, as child indexes; survives a re-render that kept the shape. */
function pathTo(root, element) {
  const path = [];
  for (let node = element; node !== root; node = node.parentElement) {
    path.unshift([...node.parentElement.children].indexOf(node));
  }
  return path;
}

const at = (root, path) => path.reduce((node, index) => node?.children[index], root);

for (const element of document.querySelectorAll("[data-refresh]")) new Fresh(element);

for (const clock of document.querySelectorAll("[data-clock]")) {
  const tick = () => (clock.textContent = new Date().toTimeString().slice(0, 5));
  tick();
  setInterval(tick, 10_000);
}
