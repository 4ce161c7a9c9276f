/* One line that something was done. Errors stay at the field: they never come here. */
import { icon, make } from "./dom.js";
import { gettext } from "./words.js";

const SHOWN_MS = 6000;

/** Show a line for 6 s; `undo` adds a button that calls it. Waits while pointed at or focused. */
export function toast(text, { undo = null } = {}) {
  const region = document.getElementById("toasts");
  if (!region) return;
  const line = make("div", "ui-toast", {}, icon("check"), make("span", "", {}, text));
  let timer = 0;
  const close = () => line.remove();
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(close, SHOWN_MS);
  };
  if (undo) {
    const button = make("button", "", { type: "button" }, gettext("Undo"));
    button.addEventListener("click", () => {
      close();
      undo();
    });
    line.append(button);
  }
  line.addEventListener("mouseenter", () => clearTimeout(timer));
  line.addEventListener("mouseleave", start);
  line.addEventListener("focusin", () => clearTimeout(timer));
  line.addEventListener("focusout", start);
  region.replaceChildren(line);
  start();
}
