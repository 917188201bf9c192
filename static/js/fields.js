// The inputs of a form as values by name, and putting in what a colleague saved meanwhile.

const META = new Set(["csrfmiddlewaretoken", "version", "held", "person"]);

/** The inputs whose values count. */
export function inputs(root) {
  const all = root.elements ? [...root.elements] : [...root.querySelectorAll("input, select, textarea")];
  return all.filter(
    (input) =>
      input.name &&
      !META.has(input.name) &&
      !input.disabled &&
      !input.readOnly &&
      !["file", "submit", "button", "image", "reset"].includes(input.type) &&
      input.matches("input, select, textarea"),
  );
}

/** {name: [values]} as they stand, or as the page was made. */
export function values(root, { made = false } = {}) {
  const found = {};
  for (const input of inputs(root)) {
    const list = (found[input.name] ||= []);
    if (input.type === "checkbox" || input.type === "radio") {
      if (made ? input.defaultChecked : input.checked) list.push(input.value);
    } else if (input.tagName === "SELECT") {
      const options = [...input.options];
      const chosen = options.filter((one) => (made ? one.defaultSelected : one.selected));
      if (!chosen.length && !input.multiple && options.length) chosen.push(options[0]);
      list.push(...chosen.map((one) => one.value));
    } else {
      list.push(made ? input.defaultValue : input.value);
    }
  }
  return found;
}

export const same = (a, b) => (a || []).join("\u0000") === (b || []).join("\u0000");

/** The names whose values differ. */
export const differing = (a, b) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => !same(a[name], b[name]));

// The server writes figures with separators and folds full-width digits: no difference to us.
const folded = (list) => (list || []).map((text) => text.normalize("NFKC").replace(/[\s,]/g, ""));
export const alike = (a, b) => same(folded(a), folded(b));

/** The field of the section that an input belongs to. */
export function fieldOf(form, name) {
  const key = name.split("-")[0];
  return (key === "ref" || key === "own") && form.dataset.ledger ? form.dataset.ledger : key;
}

/** What stands around a field on the page: its block, or its table with head and buttons. */
export function blockOf(form, key) {
  const found = document.getElementById(`div_id_${key}`) || document.getElementById(key);
  if (found && form.contains(found)) return found;
  const input = inputs(form).find((one) => fieldOf(form, one.name) === key);
  return input ? input.closest(".jb-field, .jb-scroll") || input.parentElement : null;
}

/** How an input is called, for lists of what was typed. */
export function labelOf(form, name) {
  const input = inputs(form).find((one) => one.name === name);
  if (!input) return name;
  const legend = input.matches("[type=radio], [type=checkbox]") && input.closest("fieldset");
  const label = legend ? legend.querySelector("legend") : input.labels && input.labels[0];
  const words = input.getAttribute("aria-label") || (label ? label.textContent : name);
  return words.replace("必填", "").trim();
}

export function put(form, name, list) {
  const found = inputs(form).filter((input) => input.name === name);
  found.forEach((input, n) => {
    if (input.type === "checkbox" || input.type === "radio") {
      input.checked = list.includes(input.value);
    } else if (input.multiple && input.tagName === "SELECT") {
      for (const option of input.options) option.selected = list.includes(option.value);
    } else {
      input.value = list[n] ?? "";
    }
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  return found.length > 0;
}

/** Put a field as the server draws it now into the page. Returns whether it could be done.
 *
 * An input that has the focus, or was changed since `sent`, is never touched: where the server's
 * value differs there, nothing is put in and the caller asks again later. `force` puts all in.
 */
export function adopt(form, key, html, sent, { force = false } = {}) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const mine = (name) => fieldOf(form, name) === key;
  const now = pick(values(form), mine);
  const next = pick(values(fresh), mine);
  const changing = differing(now, next).filter(
    (name) => force || !alike(next[name], sent[name]) || !(name in next),
  );
  const removing = Object.keys(now).some((name) => name.endsWith("-delete") && now[name].length);
  const active = document.activeElement;
  const busy = (name) => !same(now[name], sent[name]) || (active && active.name === name);
  const watched = removing ? [...Object.keys(now), ...changing] : changing.filter((name) => !blank(name, now, next));
  if (!force && watched.some(busy)) return false;
  rows(form, fresh, active, force);
  for (const name of changing) if (name in next) put(form, name, next[name]);
  const table = changing.length && form.elements.namedItem(changing[0])?.closest?.("table.jb-grid");
  if (table) table.dispatchEvent(new CustomEvent("jb:joined"));
  return true;
}

/** An empty row that one side offers and the other does not is no difference. */
const blank = (name, now, next) =>
  !(name in next && name in now) && !(now[name] || next[name] || []).join("");

const pick = (all, wanted) => Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name)));

function rows(form, fresh, active, force) {
  for (const table of fresh.querySelectorAll("table[data-rows]")) {
    const here = form.querySelector(`table[data-rows="${CSS.escape(table.dataset.rows)}"]`);
    if (!here) continue;
    const ids = new Set([...table.tBodies[0].rows].map((row) => row.id));
    for (const row of [...here.tBodies[0].rows]) {
      if (row.id && !ids.has(row.id) && (force || !row.contains(active))) row.remove();
    }
    for (const row of table.tBodies[0].rows) {
      if (row.id && !document.getElementById(row.id)) here.tBodies[0].append(document.importNode(row, true));
    }
  }
}
