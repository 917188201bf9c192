// Tables of inputs (.jb-grid): keys move between cells and rows, a block copied from Excel or WPS is
// pasted cell by cell, every step can be undone, and what the file computes is shown at once. The
// server reads and computes everything again: without this script the page works by saving.

import { block, figure, sameText, scaled, share, sum, words } from "./cells.js";

const CONTROLS = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea";
const MOST_STEPS = 50;

class Grid {
  constructor(table) {
    this.table = table;
    this.form = table.closest("form");
    this.room = table.closest("[data-grid]") || table.parentElement;
    this.said = this.room.querySelector("[data-grid-said]");
    this.key = table.dataset.rows || "";
    this.most = Number(table.dataset.most) || Infinity;
    this.button = this.key ? this.room.querySelector(`[data-add-row="${this.key}"]`) : null;
    this.steps = [];
    table.addEventListener("focusin", (event) => this.entered(event.target));
    table.addEventListener("focusout", (event) => this.left(event.target));
    table.addEventListener("keydown", (event) => this.pressed(event));
    table.addEventListener("paste", (event) => this.pasted(event));
    table.addEventListener("input", (event) => event.target.matches("input, textarea") && compute());
    // A colleague's cells or rows were put in: steps back from before would take them out again.
    table.addEventListener("jb:joined", () => {
      this.steps.length = 0;
      if (this.open) for (const row of this.movable()) this.equip(row);
    });
    this.open = Boolean(this.key && table.querySelector("input[name$='-delete']"));
    if (this.button) this.button.addEventListener("click", (event) => this.addPressed(event));
    if (this.open) for (const row of this.movable()) this.equip(row);
  }

  // Cells --------------------------------------------------------------------------------------

  lines() {
    return [...this.table.tBodies].flatMap((body) => [...body.rows]);
  }

  cells(row) {
    return [...row.querySelectorAll(CONTROLS)];
  }

  /** The column of a control: the end of its name, or the place of its cell. */
  column(control) {
    const row = control.closest("tr");
    if (row.id && control.name.startsWith(`${row.id}-`)) return control.name.slice(row.id.length + 1);
    return `#${control.closest("td, th").cellIndex}`;
  }

  /** The control of a row in the same column, or the first of the same place in the table. */
  under(row, control) {
    const column = this.column(control);
    const place = control.closest("td, th").cellIndex;
    const all = this.cells(row);
    return all.find((one) => this.column(one) === column) || all.find((one) => one.closest("td, th").cellIndex === place);
  }

  entered(control) {
    if ("value" in control) control.dataset.before = control.value;
  }

  /** What was typed into a cell becomes a step that can be undone. */
  left(control) {
    const before = control.dataset.before;
    if (before === undefined || control.value === before) return;
    this.remember(() => this.write(control, before), control);
    control.dataset.before = control.value;
  }

  write(control, value) {
    control.value = value;
    control.dataset.before = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }

  focus(control) {
    if (!control) return false;
    control.focus();
    if (control.select) control.select();
    return true;
  }

  move(control, dr, dc) {
    const row = control.closest("tr");
    if (dc) {
      const all = this.cells(row);
      return this.focus(all[all.indexOf(control) + dc]);
    }
    const lines = this.lines();
    for (let i = lines.indexOf(row) + dr; i >= 0 && i < lines.length; i += dr) {
      const next = this.under(lines[i], control);
      if (next) return this.focus(next);
    }
    return false;
  }

  pressed(event) {
    const control = event.target;
    if (event.isComposing || event.keyCode === 229) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      const typing = "value" in control && control.dataset.before !== undefined && control.value !== control.dataset.before;
      if (!typing && this.steps.length) {
        event.preventDefault();
        this.undo();
      }
      return;
    }
    if (!control.matches(CONTROLS)) return;
    if (this.rowPressed(event, control)) {
      event.preventDefault();
      return;
    }
    if (event.altKey || event.metaKey) return;
    const area = control.matches("textarea");
    if (event.key === "Enter" && (!area || event.ctrlKey)) {
      event.preventDefault();
      this.move(control, event.shiftKey ? -1 : 1, 0);
    } else if (event.key === "Escape" && control.dataset.before !== undefined) {
      event.preventDefault();
      if (control.value !== control.dataset.before) this.write(control, control.dataset.before);
    } else if (event.key.startsWith("Arrow") && !event.shiftKey) {
      const [dr, dc] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.ctrlKey || this.atEdge(control, dr, dc)) {
        if (this.move(control, dr, dc) || event.ctrlKey) event.preventDefault();
      }
    }
  }

  /** Whether an arrow has nothing left to do inside this control. A list keeps its own arrows. */
  atEdge(control, dr, dc) {
    if (control.matches("select")) return dc !== 0;
    const { selectionStart: start, selectionEnd: end, value } = control;
    if (start === null) return true;
    const all = start === 0 && end === value.length && value !== "";
    if (dc < 0) return (start === 0 && end === 0) || all;
    if (dc > 0) return (start === value.length && end === value.length) || all;
    if (control.matches("input")) return true;
    return dr < 0 ? !value.slice(0, start).includes("\n") && start === 0 : end === value.length;
  }

  // Steps back ---------------------------------------------------------------------------------

  remember(back, control = null) {
    this.steps.push({ back, control });
    if (this.steps.length > MOST_STEPS) this.steps.shift();
  }

  undo() {
    const step = this.steps.pop();
    if (!step) return;
    step.back();
    if (step.control && step.control.isConnected) this.focus(step.control);
    this.tell("已撤销上一步。");
  }

  /** Everything that stands in the table now; the function puts it back. */
  snapshot() {
    const count = this.movable().length;
    const values = new Map();
    for (const input of this.inputs()) values.set(input, standing(input));
    return () => {
      while (this.key && this.movable().length > count) this.movable().pop().remove();
      while (this.key && this.movable().length < count && this.append());
      const now = this.inputs();
      const before = [...values.values()];
      this.fill(now.map((input, i) => [input, before[i]]));
    };
  }

  inputs() {
    return [...this.table.querySelectorAll("input:not([type=hidden]), select, textarea")];
  }

  /** Put values in; the page hears of it once, each counter for itself. */
  fill(pairs) {
    let last = null;
    for (const [input, value] of pairs) {
      if (value === undefined || standing(input) === value) continue;
      if (typeof value === "boolean") input.checked = value;
      else input.value = value;
      input.dataset.before = input.value;
      input.dispatchEvent(new Event("input"));
      clear(input);
      last = input;
    }
    if (last) last.dispatchEvent(new Event("input", { bubbles: true }));
    else this.table.dispatchEvent(new Event("change", { bubbles: true }));
    compute();
  }

  tell(text, undo = false) {
    if (!this.said) return;
    this.said.textContent = text;
    if (!undo) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = "撤销";
    button.addEventListener("click", () => this.undo());
    this.said.append(" ", button);
  }

  // Rows ---------------------------------------------------------------------------------------

  movable() {
    return this.key ? this.lines().filter((row) => row.id.startsWith(`${this.key}-`)) : [];
  }

  /** A new empty row below: a copy of the last one with its number raised. */
  append() {
    const all = this.movable();
    const last = all[all.length - 1];
    if (!last || all.length >= this.most) return null;
    const number = Number(last.id.slice(this.key.length + 1));
    const row = last.cloneNode(true);
    const raise = (text) => text.replaceAll(`${this.key}-${number}`, `${this.key}-${number + 1}`);
    row.id = raise(row.id);
    for (const part of row.querySelectorAll("*")) {
      for (const name of ["name", "id", "for", "data-computed", "data-parts", "data-compared", "data-counts", "data-pinned"]) {
        if (part.hasAttribute(name)) part.setAttribute(name, raise(part.getAttribute(name)));
      }
      if (part.matches("output")) part.textContent = "—";
      if (part.matches("[data-compared]")) {
        part.dataset.c = "none";
        part.textContent = "自定义";
      }
      if (part.matches("input[type=checkbox], input[type=radio]")) part.checked = false;
      else if (part.matches("select")) part.selectedIndex = 0;
      else if (part.matches(CONTROLS)) part.value = "";
      if (part.matches(CONTROLS)) delete part.dataset.before;
    }
    for (const part of row.querySelectorAll(".invalid-feedback, .jb-row-tools, [data-told], [data-pinned] > *")) part.remove();
    for (const bad of row.querySelectorAll(".is-invalid")) bad.classList.remove("is-invalid");
    for (const bad of row.querySelectorAll("[aria-invalid]")) bad.removeAttribute("aria-invalid");
    row.cells[0].textContent = Number(last.cells[0].textContent) + 1;
    for (const part of row.querySelectorAll("[aria-label]")) {
      part.setAttribute("aria-label", part.getAttribute("aria-label").replace(/第 \d+ 行/, `第 ${row.cells[0].textContent} 行`));
    }
    last.after(row);
    this.equip(row);
    return row;
  }

  addPressed(event) {
    event.preventDefault();
    const before = this.snapshot();
    const row = this.append();
    if (!row) {
      this.tell(`最多 ${this.most} 行，不能再加。`);
      return;
    }
    this.remember(before);
    this.focus(this.cells(row)[0]);
  }

  rowPressed(event, control) {
    const row = control.closest("tr");
    if (!this.open || !this.movable().includes(row)) return false;
    if (event.altKey && event.key === "Insert") return this.insert(row, control);
    if (event.altKey && event.key === "Delete") return this.remove(row, control);
    if (event.altKey && event.shiftKey && event.key === "ArrowUp") return this.swap(row, -1, control);
    if (event.altKey && event.shiftKey && event.key === "ArrowDown") return this.swap(row, 1, control);
    return false;
  }

  /** Rows keep their numbers, their contents move: `order` says from which row each one takes. */
  rearrange(order) {
    const rows = this.movable().map((row) => [...row.querySelectorAll("input:not([type=hidden]), select, textarea")]);
    const values = rows.map((row) => row.map(standing));
    this.fill(
      rows.flatMap((row, r) =>
        row.map((input, i) => [input, order[r] === null ? empty(input) : values[order[r]][i]]),
      ),
    );
  }

  insert(row, control) {
    const before = this.snapshot();
    const at = this.movable().indexOf(row);
    if (!this.append()) {
      this.tell(`最多 ${this.most} 行，不能再加。`);
      return true;
    }
    this.rearrange(this.movable().map((_, n) => (n <= at ? n : n === at + 1 ? null : n - 1)));
    this.remember(before, control);
    this.focus(this.under(this.movable()[at + 1], control));
    this.tell(`已在第 ${at + 1} 行下面插入一行。`, true);
    return true;
  }

  remove(row, control) {
    const before = this.snapshot();
    const all = this.movable();
    const at = all.indexOf(row);
    this.rearrange(all.map((_, n) => (n < at ? n : n + 1 < all.length ? n + 1 : null)));
    if (all.length > 1) all[all.length - 1].remove();
    this.remember(before, null);
    const left = this.movable();
    this.focus(this.under(left[Math.min(at, left.length - 1)], control) || this.cells(left[0])[0]);
    compute();
    this.tell(`已删除第 ${at + 1} 行。`, true);
    return true;
  }

  swap(row, by, control) {
    const all = this.movable();
    const at = all.indexOf(row);
    if (!all[at + by]) return true;
    const before = this.snapshot();
    this.rearrange(all.map((_, n) => (n === at ? at + by : n === at + by ? at : n)));
    this.remember(before, control);
    this.focus(this.under(all[at + by], control));
    this.tell(`第 ${at + 1} 行已移到第 ${at + by + 1} 行。`, true);
    return true;
  }

  /** Instead of the box that waits for a save: buttons that act at once and can be undone. */
  equip(row) {
    const box = row.querySelector("input[type=checkbox][name$='-delete']");
    if (!box || row.querySelector(".jb-row-tools")) return;
    const holder = box.closest("label") || box;
    const tools = document.createElement("span");
    tools.className = "jb-move jb-row-tools";
    for (const [text, label, act] of [
      ["↑", "上移", (control) => this.swap(row, -1, control)],
      ["↓", "下移", (control) => this.swap(row, 1, control)],
      ["×", "删除", (control) => this.remove(row, control)],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-icon";
      button.textContent = text;
      button.setAttribute("aria-label", `${label}第 ${row.cells[0].textContent} 行`);
      button.addEventListener("click", () => act(this.cells(row)[0]));
      tools.append(button);
    }
    holder.hidden = true;
    holder.after(tools);
  }

  // Paste --------------------------------------------------------------------------------------

  pasted(event) {
    const control = event.target;
    if (!control.matches(CONTROLS) || !event.clipboardData) return;
    const text = event.clipboardData.getData("text/plain");
    const rows = block(text);
    const single = rows.length === 1 && rows[0].length === 1;
    if (single && (!control.matches("select") || control.disabled)) return;
    event.preventDefault();
    const before = this.snapshot();
    this.told = { cells: 0, right: 0, below: 0, locked: 0, unknown: [] };
    const lines = this.lines();
    const start = lines.indexOf(control.closest("tr"));
    const columns = this.cells(lines[start]).map((one) => this.column(one));
    const from = columns.indexOf(this.column(control));
    const pairs = [];
    rows.forEach((line, i) => {
      let row = this.lines()[start + i];
      if (!row && this.open) row = this.append();
      if (!row) {
        this.told.below += 1;
        return;
      }
      const own = this.cells(row);
      const names = own.map((one) => this.column(one));
      const first = Math.max(names.indexOf(columns[from]), 0);
      line.forEach((value, j) => {
        const cell = own[first + j];
        if (!cell) this.told.right += value.trim() ? 1 : 0;
        else if (cell.readOnly || cell.disabled) this.told.locked += value.trim() ? 1 : 0;
        else {
          const fit = this.fitting(cell, value);
          if (fit === null) this.told.unknown.push(value.trim());
          else {
            pairs.push([cell, fit]);
            this.told.cells += 1;
          }
        }
      });
    });
    this.fill(pairs);
    this.remember(before, control);
    this.tell(this.outcome(), true);
  }

  fitting(cell, value) {
    if (cell.matches("select")) {
      const text = value.replace(/（\d+ 页）\s*$/, "");
      const found = [...cell.options].find(
        (one) => sameText(one.text, value) || sameText(one.text.replace(/（\d+ 页）$/, ""), text) || one.value === value.trim(),
      );
      return found ? found.value : value.trim() ? null : "";
    }
    if (["numeric", "decimal"].includes(cell.inputMode)) {
      const unit = cell.parentElement.querySelector("span");
      return figure(value, unit ? unit.textContent.trim() : "");
    }
    return cell.matches("textarea") ? value.trim() : value.replace(/\s*\n\s*/g, " ").trim();
  }

  outcome() {
    const { cells, right, below, locked, unknown } = this.told;
    const left = [];
    if (right) left.push(`右边多出的 ${right} 格`);
    if (below) left.push(Number.isFinite(this.most) ? `超过最多 ${this.most} 行的 ${below} 行` : `下面多出的 ${below} 行`);
    if (locked) left.push(`锁定的 ${locked} 格`);
    if (unknown.length) left.push(`不在选项中的“${[...new Set(unknown)].slice(0, 3).join("”“")}”`);
    return `已粘贴 ${cells} 格。${left.length ? `没有放下：${left.join("、")}。` : ""}`;
  }
}

const standing = (input) => (input.type === "checkbox" || input.type === "radio" ? input.checked : input.value);

function empty(input) {
  if (input.type === "checkbox" || input.type === "radio") return false;
  return input.matches("select") ? input.options[0].value : "";
}

/** A complaint about a value that is no longer there. */
function clear(input) {
  input.removeAttribute("aria-invalid");
  const said = document.getElementById(`${input.id}_error`);
  if (said) said.remove();
  const cell = input.closest(".jb-cell");
  if (cell) cell.classList.remove("is-invalid");
}

// What the file computes ---------------------------------------------------------------------------

/** The figures of a name: an input, a computed place, or `table.column` over all its rows. */
function figures(form, name) {
  const [table, column] = name.split(".");
  if (column === undefined) {
    const place = form.elements.namedItem(name) || form.querySelector(`[data-computed="${CSS.escape(name)}"]`);
    return place ? [scaled(place.tagName === "OUTPUT" ? place.textContent : place.value)] : [null];
  }
  const place = new RegExp(`^${table}-\\d+-${column}$`);
  const typed = [...form.elements].filter((one) => place.test(one.name)).map((one) => scaled(one.value));
  const shown = [...form.querySelectorAll("output[data-computed]")].filter((one) => place.test(one.dataset.computed));
  return [...typed, ...shown.filter((one) => !form.elements.namedItem(one.dataset.computed)).map((one) => scaled(one.textContent))];
}

function compute() {
  for (const place of document.querySelectorAll("[data-formula]")) {
    const form = place.form || place.closest("form");
    if (!form) continue;
    const parts = place.dataset.parts.split(" ").map((name) => sum(figures(form, name)));
    const ratio = place.dataset.formula !== "sum";
    const value = ratio ? share(parts[0], parts[1], place.dataset.formula === "percent") : sum(parts);
    const text = value === null ? "" : words(value, Number(place.dataset.decimals));
    if (place.matches("input")) place.value = text;
    else place.textContent = text || "—";
  }
}

// The page of evidence beside its row ---------------------------------------------------------------

/** Show the page that a row names, as soon as it names one that the file has. */
function pin(row) {
  const place = row.querySelector("[data-pinned]");
  const files = row.closest("table").dataset.files;
  if (!place || !files) return;
  const file = row.querySelector("select[name$='-evidence']");
  const chosen = file && file.selectedOptions[0];
  const page = Number(row.querySelector("input[name$='-page']").value.normalize("NFKC").replace(/\D/g, ""));
  place.replaceChildren();
  if (!chosen || !chosen.value || !(page >= 1 && page <= Number(chosen.dataset.pages))) return;
  const link = document.createElement("a");
  link.href = `${files}${chosen.value}/preview/?page=${page}`;
  link.target = "_blank";
  link.rel = "noopener";
  const image = document.createElement("img");
  image.src = `${files}${chosen.value}/pages/${page}/?w=160`;
  image.alt = `${chosen.text} 第 ${page} 页，在新窗口打开`;
  image.width = 72;
  image.height = 96;
  link.append(image);
  place.append(link);
}

document.addEventListener("change", (event) => {
  if (/-(evidence|page)$/.test(event.target.name || "")) pin(event.target.closest("tr"));
});

// Every table of the page, and those that are drawn anew later -----------------------------------------

const known = new WeakSet();

function begin(place) {
  for (const table of place.querySelectorAll("table.jb-grid")) {
    if (known.has(table)) continue;
    known.add(table);
    new Grid(table);
  }
}

begin(document);
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node.nodeType === 1 && node.isConnected) begin(node.parentElement);
  }
}).observe(document.querySelector("main") || document.body, { childList: true, subtree: true });
if (document.querySelector("[data-formula]")) {
  document.addEventListener("input", (event) => {
    if (!event.target.closest("table.jb-grid") && !event.isComposing) compute();
  });
}
