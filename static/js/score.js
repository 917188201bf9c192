// The scoring form (form[data-score]): digits mark the focused criterion (T for ten), Ctrl+Enter
// saves, N skips ([data-skip]), R recuses ([data-recuse]), ? lists the keys, and the weighted total follows each mark. Each fieldset.jb-crit has
// data-weight and radios from 0 to data-top (10); a reason ([data-reason]) opens for marks up to
// data-low or from data-high on. The server computes the total again.

const form = document.querySelector("form[data-score]");
if (form) {
  const groups = [...form.querySelectorAll("fieldset.jb-crit")];
  const total = form.querySelector("[data-total]");
  const open = form.querySelector("[data-open]");

  function show() {
    let sum = 0;
    let missing = 0;
    for (const group of groups) {
      const weight = Number(group.dataset.weight);
      const top = Number(group.dataset.top || 10);
      const marked = group.querySelector("input[type=radio]:checked");
      const points = marked ? (Number(marked.value) / top) * weight : null;
      if (points === null) missing += 1;
      else sum += points;
      const out = group.querySelector("output");
      if (out) {
        const small = document.createElement("small");
        small.textContent = `/ ${weight}`;
        out.replaceChildren(points === null ? "— " : `${points.toFixed(1)} `, small);
      }
      const { low, high } = group.dataset;
      const extreme =
        marked &&
        ((low !== undefined && Number(marked.value) <= Number(low)) ||
          (high !== undefined && Number(marked.value) >= Number(high)));
      const reason = group.querySelector("[data-reason]");
      if (reason && !reason.querySelector(".is-invalid")) {
        const box = reason.querySelector("textarea");
        reason.hidden = !extreme && !(box && box.value);
      }
    }
    if (total) total.textContent = sum.toFixed(1);
    if (open) open.textContent = missing ? `${missing} 项未评` : "全部已评";
  }

  form.addEventListener("change", show);
  form.addEventListener("focusin", (event) => {
    const here = event.target.closest("fieldset.jb-crit");
    for (const group of groups) group.classList.toggle("is-current", group === here);
  });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-save]") || undefined);
      return;
    }
    if (event.target.matches("textarea, input:not([type=radio])")) return;
    const group = event.target.closest("fieldset.jb-crit");
    if (!group) return;
    const key = event.key.toLowerCase() === "t" ? group.dataset.top || "10" : event.key;
    if ( /^\d+$/.test(key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const radio = group.querySelector(`input[type=radio][value="${key}"]`);
      if (radio) {
        event.preventDefault();
        radio.checked = true;
        radio.focus();
        radio.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("textarea, select, input:not([type=radio])")) return;
    if (document.querySelector("dialog[open]")) return;
    const link = { n: "a[data-skip]", r: "a[data-recuse]" }[event.key.toLowerCase()];
    if (link) form.querySelector(link)?.click();
  });

  const keys = document.querySelector("dialog[data-keys]");
  if (keys) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "?" && !event.target.matches("textarea, input:not([type=radio])")) {
        keys.showModal();
      }
    });
    for (const opener of document.querySelectorAll("[data-keys-open]")) {
      opener.addEventListener("click", () => keys.showModal());
    }
  }
  show();
}
