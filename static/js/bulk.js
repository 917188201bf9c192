// form[data-bulk]: says how many rows are chosen in [data-bulk-count]. Works without it.

for (const form of document.querySelectorAll("form[data-bulk]")) {
  const said = form.querySelector("[data-bulk-count]");
  const boxes = form.querySelectorAll("tbody input[type=checkbox]");
  const count = () => {
    let chosen = 0;
    for (const box of boxes) {
      box.closest("tr").classList.toggle("is-picked", box.checked);
      chosen += box.checked;
    }
    if (said) said.textContent = `已选 ${chosen} 项`;
  };
  form.addEventListener("change", count);
  count();
}
