/* The wall display: one slide after the other, also after a refresh has replaced them all. */
const RELOAD_MS = 6 * 3_600_000; // a screen that hangs for months takes a new version by itself

for (const wall of document.querySelectorAll("[data-wall]")) {
  const box = wall.querySelector("[data-refresh]");
  const every = Number(new URLSearchParams(location.search).get("seconds")) || Number(wall.dataset.wall);
  let turn = 0;

  const show = () => {
    const slides = [...box.querySelectorAll("[data-slide]")];
    slides.forEach((slide, at) => (slide.hidden = at !== turn % slides.length));
  };

  new MutationObserver(show).observe(box, { childList: true });
  setInterval(() => {
    turn = (turn + 1) % Math.max(box.querySelectorAll("[data-slide]").length, 1);
    show();
  }, Math.max(every, 1) * 1000);
  show();
}

setTimeout(() => location.reload(), RELOAD_MS);
