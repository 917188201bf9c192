// Inputs over a code list (input[data-picker], its value the address of the list): a combobox after
// the WAI-ARIA pattern. The input stays a plain text input that the server reads; choosing writes
// the entry's label into it. One list serves all of them, so that copied table rows need nothing.

const WAIT = 150;
const GAP = 4;

const list = document.createElement("ul");
list.id = "jb-picker-list";
list.className = "jb-picker";
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "候选");
list.hidden = true;

const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");
document.body.append(list, said);

const known = new Map(); // address with query -> answer
let input = null; // whose list is open or being looked up
let items = [];
let active = -1;
let timer = 0;
let asked = 0;
let composing = false;

const serves = (target) => target.matches?.("input[data-picker]") && !target.readOnly && !target.disabled;
const isOpen = () => !list.hidden;

function prepare(target) {
  if (target.getAttribute("role") === "combobox") return;
  target.setAttribute("role", "combobox");
  target.setAttribute("aria-autocomplete", "list");
  target.setAttribute("aria-expanded", "false");
  target.setAttribute("aria-controls", list.id);
}
for (const target of document.querySelectorAll("input[data-picker]")) if (serves(target)) prepare(target);

async function look(address, query) {
  const url = `${address}${address.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`;
  if (!known.has(url)) {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    known.set(url, await answer.json());
  }
  return known.get(url);
}

async function open(target, query) {
  const turn = ++asked;
  input = target;
  let told;
  try {
    told = await look(target.dataset.picker, query);
  } catch {
    if (turn !== asked) return;
    close();
    said.textContent = "候选没有取到，可直接填写代码或全称";
    return;
  }
  if (turn !== asked || document.activeElement !== target) return;
  show(told, query);
}

function show(told, query) {
  items = told.items;
  active = -1;
  list.replaceChildren(...items.map(option));
  if (told.more || !items.length) {
    const more = document.createElement("li");
    more.className = "jb-picker-note";
    more.setAttribute("role", "presentation");
    more.textContent = items.length ? "还有更多，请再输入几个字" : `没有找到“${query.trim()}”，可改用代码或全称`;
    list.append(more);
  }
  list.hidden = false;
  list.scrollTop = 0;
  input.setAttribute("aria-expanded", "true");
  input.removeAttribute("aria-activedescendant");
  place();
  said.textContent = items.length
    ? `有 ${items.length}${told.more ? " 个以上" : " 个"}候选，用上下键选择`
    : "没有候选";
}

function option(item, number) {
  const row = document.createElement("li");
  row.id = `${list.id}-${number}`;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  const name = document.createElement("b");
  name.textContent = item.name;
  row.append(name);
  if (item.code) {
    const code = document.createElement("span");
    code.className = "jb-code";
    code.textContent = item.code;
    row.append(" ", code);
  }
  if (item.path.length) {
    const path = document.createElement("span");
    path.className = "jb-meta";
    path.textContent = [...item.path, item.name].join(" › ");
    row.append(path);
  }
  return row;
}

function place() {
  const box = input.getBoundingClientRect();
  const wide = Math.min(Math.max(box.width, 280), document.documentElement.clientWidth - 2 * GAP);
  const left = Math.min(box.left, document.documentElement.clientWidth - wide - GAP);
  list.style.width = `${wide}px`;
  list.style.left = `${Math.max(left, GAP) + scrollX}px`;
  const below = innerHeight - box.bottom;
  const above = below < Math.min(list.offsetHeight, 240) && box.top > below;
  list.style.top = `${(above ? box.top - list.offsetHeight - GAP : box.bottom + GAP) + scrollY}px`;
}

function close() {
  clearTimeout(timer);
  asked += 1;
  list.hidden = true;
  items = [];
  active = -1;
  if (!input) return;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function point(number) {
  const rows = list.querySelectorAll("[role=option]");
  if (!rows.length) return;
  rows[active]?.setAttribute("aria-selected", "false");
  active = (number + rows.length) % rows.length;
  rows[active].setAttribute("aria-selected", "true");
  rows[active].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", rows[active].id);
}

function write(target, label) {
  if (target.value === label) return;
  target.value = label;
  target.dispatchEvent(new Event("input", { bubbles: true }));
  target.dispatchEvent(new Event("change", { bubbles: true }));
}

function choose(number) {
  const target = input;
  const item = items[number];
  close();
  target.dataset.chosen = item.label;
  write(target, item.label);
  target.setSelectionRange(target.value.length, target.value.length);
  said.textContent = `已选 ${item.label}`;
}

document.addEventListener("focusin", (event) => {
  if (serves(event.target)) prepare(event.target);
});

document.addEventListener("compositionstart", (event) => {
  if (serves(event.target)) composing = true;
});
document.addEventListener("compositionend", (event) => {
  composing = false;
  if (serves(event.target)) later(event.target);
});
document.addEventListener("input", (event) => {
  const target = event.target;
  if (!serves(target) || composing || event.isComposing) return;
  if (target.value === target.dataset.chosen) return; // what choosing wrote
  delete target.dataset.chosen;
  if (document.activeElement === target) later(target);
});

function later(target) {
  clearTimeout(timer);
  timer = setTimeout(() => open(target, target.value), WAIT);
}

// Before anybody else (the grid moves between cells by the same keys).
document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (!serves(target) || event.isComposing || composing) return;
  if (!isOpen() || input !== target) {
    const opens = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (!opens || (target.closest(".jb-grid") && !event.altKey)) return;
    take(event);
    // A chosen entry opens the whole list again, anything typed its candidates.
    open(target, target.value === (target.dataset.chosen ?? target.defaultValue) ? "" : target.value);
    return;
  }
  if (event.key === "ArrowDown") point(active + 1);
  else if (event.key === "ArrowUp") {
    if (event.altKey) close();
    else point(active < 0 ? items.length - 1 : active - 1);
  } else if (event.key === "Home" && active >= 0) point(0);
  else if (event.key === "End" && active >= 0) point(items.length - 1);
  else if (event.key === "Escape") close();
  else if (event.key === "Enter" && active >= 0) choose(active);
  else if (event.key === "Tab") {
    if (active >= 0) choose(active);
    close();
    return;
  } else return;
  take(event);
}, true);

function take(event) {
  event.preventDefault();
  event.stopPropagation();
}

list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays
list.addEventListener("click", (event) => {
  const row = event.target.closest("[role=option]");
  if (row) choose([...list.querySelectorAll("[role=option]")].indexOf(row));
});
document.addEventListener("click", (event) => {
  if (serves(event.target) && !isOpen() && !event.target.value) open(event.target, "");
});

// Leaving the input: a bare code that stands in the list gets its name.
document.addEventListener("focusout", async (event) => {
  const target = event.target;
  if (!serves(target)) return;
  if (input === target) close();
  const typed = target.value.normalize("NFKC").replace(/\s/g, "");
  if (!/^[A-Ta-t]?\d{2,6}$/.test(typed)) return;
  const told = await look(target.dataset.picker, typed).catch(() => null);
  const found = told?.items.find((item) => item.code === typed.replace(/^\D/, ""));
  if (!found || target.value.normalize("NFKC").replace(/\s/g, "") !== typed) return;
  target.dataset.chosen = found.label;
  write(target, found.label);
});

addEventListener("resize", () => isOpen() && place());
document.addEventListener("scroll", (event) => {
  if (isOpen() && event.target !== list) place();
}, true);
