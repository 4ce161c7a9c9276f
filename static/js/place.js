/* The position of the device, only when asked for: data-place holds a button and a line of text. */
import { gettext } from "./words.js";

for (const part of document.querySelectorAll("[data-place]")) {
  const form = part.closest("form");
  const text = part.querySelector("[data-place-text]");
  const button = part.querySelector("[data-place-ask]");
  button.addEventListener("click", () => {
    if (!navigator.geolocation) {
      text.textContent = gettext("This device gives no position; the visit counts without.");
      return;
    }
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.latitude.value = coords.latitude.toFixed(5);
        form.elements.longitude.value = coords.longitude.toFixed(5);
        text.textContent = `${form.elements.latitude.value}, ${form.elements.longitude.value}`;
        button.disabled = false;
      },
      () => {
        text.textContent = gettext("This device gives no position; the visit counts without.");
        button.disabled = false;
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
}
