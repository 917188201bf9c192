// Counts 字 below a field: every character that is not white space counts one, as the server does.

const length = (text) => [...text.replace(/\s/gu, "")].length;

for (const line of document.querySelectorAll("[data-counts]")) {
  const field = document.getElementById(line.dataset.counts);
  if (!field) continue;
  const limit = Number(field.dataset.maxChars);
  const show = () => {
    const n = length(field.value);
    const over = n - limit;
    line.textContent = `${n} / ${limit} 字` + (over > 0 ? `，超出 ${over} 字` : "");
    if (over > 0) line.dataset.s = "over";
    else delete line.dataset.s;
  };
  field.addEventListener("input", (event) => event.isComposing || show());
  field.addEventListener("compositionend", show);
  show();
}
