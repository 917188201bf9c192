// The comparison beside each seen value ([data-compared=name]), as the server computed it with the
// last save. While a value is being changed the old comparison is taken away.

const places = [...document.querySelectorAll("[data-compared]")];
for (const place of places) {
  const input = document.querySelector(`[name="${place.dataset.compared}"]`);
  if (input) input.addEventListener("input", () => (place.textContent = ""));
}
document.addEventListener("jb:saved", (event) => {
  const told = event.detail.compared || {};
  for (const place of places) place.textContent = told[place.dataset.compared] || "";
});
