// What every page's frame does: close open menus, fold filters on narrow screens, keep the heads
// of long tables in sight, take the focus to the error summary, carry the CSRF token for htmx.

import { forget } from "./keeping.js";

for (const menu of document.querySelectorAll("details[data-closes]")) {
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// On narrow screens a list's filter is one line that opens; it stays open while it is in use.
if (matchMedia("(max-width: 39.99rem)").matches) {
  for (const fold of document.querySelectorAll("details[data-fold-narrow]")) fold.open = false;
  for (const filters of document.querySelectorAll("form.jb-filters[method=get]")) {
    if (filters.closest("details")) continue;
    const fields = [...filters.elements].filter((f) => f.name && f.type !== "hidden" && f.value);
    const inUse = fields.filter((f) => new URLSearchParams(location.search).get(f.name));
    const fold = document.createElement("details");
    fold.className = "jb-filterfold";
    fold.open = inUse.length > 0;
    const summary = document.createElement("summary");
    summary.textContent = inUse.length ? `筛选（已选 ${inUse.length}）` : "筛选";
    filters.replaceWith(fold);
    fold.append(summary, filters);
  }
}

// The heads of a long table stay in sight where the table fits its box.
for (const box of document.querySelectorAll(".jb-scroll")) {
  const table = box.querySelector(":scope > table.table");
  if (!table || box.scrollWidth > box.clientWidth) continue;
  if ([...table.tBodies].reduce((n, body) => n + body.rows.length, 0) > 12) {
    box.classList.add("jb-sticky-head");
  }
}

const errors = document.querySelector(".jb-errors[role=alert]");
if (errors) errors.focus();

// A table that is wider than its box must be reachable by keyboard.
for (const box of document.querySelectorAll(".jb-scroll:not([tabindex])")) {
  if (box.scrollWidth <= box.clientWidth) continue;
  const name = box.querySelector("caption") || box.closest("section")?.querySelector("h2, h3");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", (name ? name.textContent.trim() : "") || "表格，可左右滚动");
}

// Who signs out on purpose leaves nothing of theirs on the machine.
for (const form of document.querySelectorAll('form[action$="/logout/"]')) {
  form.addEventListener("submit", (event) => {
    const person = document.body.dataset.person;
    if (!person || form.dataset.forgotten) return;
    event.preventDefault();
    form.dataset.forgotten = "1";
    document.dispatchEvent(new CustomEvent("jb:leaving"));
    const patience = new Promise((done) => setTimeout(done, 800));
    Promise.race([forget(person), patience]).then(() => form.requestSubmit());
  });
}

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (token) event.detail.headers["X-CSRFToken"] = token.value;
});

// A form is sent once: a second press while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 5000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

for (const button of document.querySelectorAll('[aria-disabled="true"]')) {
  button.addEventListener("click", (event) => event.preventDefault());
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}
