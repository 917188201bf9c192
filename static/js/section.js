// A section of the form: shows what a choice asks for, and writes what the server computed or found
// wrong after an autosave (rows are added by grid.js). Without it the page works by saving.

const form = document.querySelector("form[data-autosave]") || document.querySelector("main form");

function chosen(name) {
  const inputs = [...form.elements].filter((input) => input.name === name);
  const radio = inputs.filter((input) => input.type === "radio" || input.type === "checkbox");
  if (radio.length) return radio.filter((input) => input.checked).map((input) => input.value);
  return inputs.map((input) => input.value);
}

function follow() {
  for (const part of form.querySelectorAll("[data-when]")) {
    const now = chosen(part.dataset.when); // several answers that ask for it stand with commas
    part.hidden = !part.dataset.equals.split(",").some((one) => now.includes(one));
  }
}

if (form) {
  form.addEventListener("change", follow);
  follow();

  form.addEventListener("jb:saved", (event) => {
    const told = event.detail;
    for (const [name, words] of Object.entries(told.computed || {})) {
      for (const shown of form.querySelectorAll(`[data-computed="${CSS.escape(name)}"]`)) {
        if ("value" in shown && shown.tagName === "INPUT") shown.value = words;
        else shown.textContent = words || "—";
      }
    }
    for (const [name, compared] of Object.entries(told.compared || {})) {
      const shown = form.querySelector(`[data-compared="${CSS.escape(name)}"]`);
      if (!shown) continue;
      shown.dataset.c = compared.standing;
      shown.textContent = compared.text;
    }
    if (told.problems === null) return; // the server could not judge; what was said stands
    const wrong = new Map((told.problems || []).map((problem) => [problem.name, problem.message]));
    for (const input of form.querySelectorAll("input, select, textarea")) {
      if (input === document.activeElement || !input.id) continue;
      const message = wrong.get(input.name);
      const cell = input.closest(".jb-cell, .jb-field");
      if (!cell) continue;
      let said = document.getElementById(`${input.id}_error`);
      if (message) {
        input.setAttribute("aria-invalid", "true");
        cell.classList.add("is-invalid");
        if (!said) {
          said = document.createElement("p");
          said.className = "invalid-feedback";
          said.id = `${input.id}_error`;
          if (cell.classList.contains("jb-cell")) cell.after(said);
          else (input.closest(".input-group") || input).before(said);
          input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") || ""} ${said.id}`.trim());
        }
        said.textContent = message;
      } else if (said && input.type !== "radio" && input.type !== "checkbox") {
        said.remove();
        input.removeAttribute("aria-invalid");
        if (!cell.querySelector("[aria-invalid]")) cell.classList.remove("is-invalid");
      }
    }
  });
}
