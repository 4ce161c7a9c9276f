/* Shell behaviour: the drawer of narrow screens, menus that close, the search key. */
export function attachMenus() {
  const openButton = document.querySelector("[data-menu-open]");
  const veil = document.querySelector("[data-menu-close]");
  const setDrawer = (isOpen) => {
    document.body.classList.toggle("is-menu-open", isOpen);
    openButton?.setAttribute("aria-expanded", String(isOpen));
    if (veil) veil.hidden = !isOpen;
    if (isOpen) document.querySelector("#side a")?.focus();
    else openButton?.focus({ preventScroll: true });
  };
  openButton?.addEventListener("click", () => setDrawer(true));
  veil?.addEventListener("click", () => setDrawer(false));

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (event.target.closest("[data-print]")) window.print();
    const opens = event.target.closest("[data-dialog-open]");
    if (opens) document.querySelector(opens.dataset.dialogOpen)?.showModal();
    if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form?.requestSubmit();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details[data-menu][open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      } else if (document.body.classList.contains("is-menu-open")) setDrawer(false);
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const search = document.querySelector("[data-search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
}
