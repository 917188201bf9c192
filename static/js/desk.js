// A list that is worked through with the keyboard. Rows are [data-desk-row] with their page in
// data-open: j and k go down and up, Enter opens, x ticks, / goes to the search, ? lists the keys.
// Rows of a ranked list (data-rank-row) also move with Alt and the arrows, by their own buttons.

const KEYS = [
  ["j / k", "下一项 / 上一项"],
  ["Enter", "打开申报"],
  ["x", "勾选或取消"],
  ["/", "到搜索框"],
  ["Alt + ↑ ↓", "上移、下移（排序名单）"],
  ["n", "到序号框，填数字后回车（排序名单）"],
  ["?", "显示或关闭本说明"],
];

const rows = () => [...document.querySelectorAll("[data-desk-row]")];
const here = () => document.activeElement && document.activeElement.closest("[data-desk-row]");

for (const row of rows()) row.tabIndex = -1;

function go(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(here());
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function help() {
  const open = document.querySelector("dialog.jb-keys");
  if (open) {
    open.close();
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "jb-dialog jb-keys";
  dialog.setAttribute("aria-labelledby", "jb-keys-title");
  const title = document.createElement("h2");
  title.id = "jb-keys-title";
  title.className = "jb-h2";
  title.textContent = "快捷键";
  const list = document.createElement("dl");
  list.className = "jb-dl";
  for (const [keys, words] of KEYS) {
    const dt = document.createElement("dt");
    const kbd = document.createElement("kbd");
    kbd.textContent = keys;
    dt.append(kbd);
    const dd = document.createElement("dd");
    dd.textContent = words;
    list.append(dt, dd);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-sm";
  close.textContent = "关闭";
  close.addEventListener("click", () => dialog.close());
  const back = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (back && back.isConnected) back.focus();
  });
  dialog.append(title, list, close);
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (event.key === "?" && !typing) {
    event.preventDefault();
    help();
    return;
  }
  if (typing || document.querySelector("dialog[open]")) return;
  const row = here();
  if (event.altKey && row && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    const button = row.querySelector(`button[value="${event.key === "ArrowUp" ? "up" : "down"}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
    return;
  }
  if (event.altKey) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    go(event.key === "j" ? 1 : -1);
  } else if (event.key === "/") {
    const search = document.querySelector("[data-desk-search] input, form[role=search] input");
    if (search) {
      event.preventDefault();
      const fold = search.closest("details");
      if (fold) fold.open = true;
      search.focus();
      search.select();
    }
  } else if (row && event.key === "Enter" && event.target === row) {
    event.preventDefault();
    location.assign(row.dataset.open);
  } else if (row && event.key === "n") {
    const number = row.querySelector("input[name=number]");
    if (number) {
      event.preventDefault();
      number.focus();
      number.select();
    }
  } else if (row && event.key === "x") {
    const box = row.querySelector("input[type=checkbox]");
    if (box) {
      event.preventDefault();
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
});

// After a move the page comes back: the row that moved has the focus again.
const moved = new URLSearchParams(location.search).get("at");
if (moved) {
  const row = document.querySelector(`[data-desk-row][data-key="${CSS.escape(moved)}"]`);
  if (row) row.focus();
}
