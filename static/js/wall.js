/* The wall display: one slide after the other, also after a refresh has replaced them all. */
const FRAME_MS = 1200; // a month of the race: twelve of them end within a slide's 15 seconds
const RELOAD_MS = 6 * 3_600_000; // a screen that hangs for months takes a new version by itself

for (const wall of document.querySelectorAll("[data-wall]")) {
  const box = wall.querySelector("[data-refresh]");
  const every = Number(new URLSearchParams(location.search).get("seconds")) || Number(wall.dataset.wall);
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let turn = 0;
  let playing = 0;

  const show = () => {
    const slides = [...box.querySelectorAll("[data-slide]")];
    slides.forEach((slide, at) => (slide.hidden = at !== turn % slides.length));
    clearInterval(playing);
    const shown = slides[turn % slides.length];
    if (shown && !isStill) play(shown);
  };

  /** Play the frames of a slide from its first to its last, which stays. */
  const play = (slide) => {
    const frames = [...slide.querySelectorAll("[data-frame]")];
    if (frames.length < 2) return;
    let at = 0;
    const draw = () => {
      frames.forEach((frame, place) => (frame.hidden = place !== at));
      slide.querySelector("[data-frame-name]").textContent = frames[at].dataset.frame;
      if (++at === frames.length) clearInterval(playing);
    };
    draw();
    playing = setInterval(draw, FRAME_MS);
  };

  new MutationObserver(show).observe(box, { childList: true });
  setInterval(() => {
    turn = (turn + 1) % Math.max(box.querySelectorAll("[data-slide]").length, 1);
    show();
  }, Math.max(every, 1) * 1000);
  show();
}

setTimeout(() => location.reload(), RELOAD_MS);
