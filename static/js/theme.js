/* Loaded in the head, before anything is drawn: the chosen colours, else those of the system. */
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("theme") ?? "auto";
  } catch {
    // Storage may be forbidden; the system's preference serves.
  }

  const apply = () => {
    const isDark = chosen === "dark" || (chosen === "auto" && system.matches);
    root.dataset.bsTheme = isDark ? "dark" : "light";
    for (const button of document.querySelectorAll("[data-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === chosen));
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme]");
    if (!button) return;
    chosen = button.dataset.theme;
    try {
      localStorage.setItem("theme", chosen);
    } catch {
      // It holds for this page then.
    }
    apply();
  });
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  window.addEventListener("beforeprint", () => (root.dataset.bsTheme = "light"));
  window.addEventListener("afterprint", apply);
  apply();
})();
