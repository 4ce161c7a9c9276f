/* A click on a demo account signs in with it. */
for (const button of document.querySelectorAll("[data-fill]")) {
  button.addEventListener("click", () => {
    const form = document.querySelector("form");
    form.elements.username.value = button.dataset.fill;
    form.elements.password.value = button.dataset.password;
    form.requestSubmit();
  });
}
