// What every page's frame does: close open menus, fold filters on narrow screens, keep the heads
// of long tables in sight, take the focus to the error summary, carry the CSRF token for htmx, and warn before the session ends.

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
  form.addEventListener("submit", () => {
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith("jb:")) localStorage.removeItem(key);
      }
    } catch {
      // storage forbidden: nothing was kept
    }
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

// Five minutes before the session ends: a note in place, with a way to go on.
const until = document.body.dataset.sessionUntil;
const now = document.querySelector("[data-now]");
if (until && now) {
  const left = Date.parse(until) - Date.parse(now.dataset.now) - 5 * 60 * 1000;
  const warn = () => {
    const note = document.createElement("div");
    note.className = "jb-note jb-note-warn jb-offline";
    note.setAttribute("role", "alert");
    const strong = document.createElement("strong");
    strong.textContent = "会话将在 5 分钟后结束";
    const button = document.createElement("button");
    button.className = "btn btn-sm";
    button.type = "button";
    button.textContent = "继续使用";
    button.addEventListener("click", async () => {
      const url = document.body.dataset.keepAlive;
      const token = document.querySelector("[name=csrfmiddlewaretoken]");
      const answer = await fetch(url, {
        method: "POST",
        headers: { "X-CSRFToken": token ? token.value : "" },
      }).catch(() => null);
      if (answer && answer.ok) {
        note.remove();
        setTimeout(warn, (await answer.json()).seconds * 1000 - 5 * 60 * 1000);
      } else {
        strong.textContent = "没有连上服务器，请重新登录后继续";
      }
    });
    note.append(strong, button);
    document.querySelector("main .jb-wrap, main").prepend(note);
  };
  if (document.body.dataset.keepAlive) setTimeout(warn, Math.max(left, 0));
}
