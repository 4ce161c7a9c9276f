/* What every page does: toasts, questions, menus, workings, and the token that htmx needs. */
import "./draft.js";
import { ask, attachConfirm } from "./confirm.js";
import { csrfToken } from "./dom.js";
import { attachMenus } from "./menus.js";
import { toast } from "./toast.js";
import { attachWorkings, closeWorkings } from "./workings.js";
import "./refresh.js";

window.portal = { toast, ask, closeWorkings };

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});
// A view answers with HX-Trigger: {"toast": {"text": "…"}}.
document.addEventListener("toast", (event) => toast(event.detail.text));

attachConfirm();
attachMenus();
attachWorkings();
const told = [...document.querySelectorAll("#toasts [data-toast]")].map((line) => line.textContent);
if (told.length) toast(told.join(" "));

// The chart library is large: only pages that hold a chart, or come to hold one, load it.
const drawCharts = (root) => root.querySelector?.("[data-chart]") && import("./charts.js");
drawCharts(document);
document.addEventListener("htmx:load", (event) => drawCharts(event.detail.elt.parentNode ?? document));
