// Lists of what was typed and is not with the server: offered back, or only to be copied.

import { alike, inputs, labelOf, put, values } from "./fields.js";

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Inputs with their words, as a list that can be copied. */
export function listing(form, names, labels = {}) {
  const list = el("dl", { class: "jb-kept" });
  for (const [name, values] of Object.entries(names)) {
    const label = labels[name] || labelOf(form, name);
    list.append(el("dt", {}, label), el("dd", {}, words(form, name, values)));
  }
  return list;
}

function words(form, name, values) {
  const texts = values.map((value) => {
    const options = form.querySelectorAll(`select[name="${CSS.escape(name)}"] option`);
    const option = [...options].find((one) => one.value === value);
    const box = form.querySelector(`input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
    const label = box && ["radio", "checkbox"].includes(box.type) && box.labels && box.labels[0];
    return option ? option.textContent : label ? label.textContent : value;
  });
  return texts.join("、") || "（清空）";
}

export function copier(list) {
  const said = el("span", { class: "jb-meta", role: "status" });
  const button = el("button", { class: "btn btn-sm", type: "button" }, "复制全部");
  button.addEventListener("click", async () => {
    const lines = [...list.querySelectorAll("dt")].map(
      (dt) => `${dt.textContent}：${dt.nextElementSibling.textContent}`,
    );
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      said.textContent = "已复制";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(list);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      said.textContent = "已选中，请按 Ctrl+C 复制";
    }
  });
  return [button, said];
}

const two = (n) => String(n).padStart(2, "0");

/** An instant as time of day in China, with the day when it is not today. */
export function time(ms) {
  const at = new Date(ms + 8 * 3600000);
  const today = new Date(Date.now() + 8 * 3600000);
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  const day = at.getUTCFullYear() === today.getUTCFullYear() && at.getUTCMonth() === today.getUTCMonth() && at.getUTCDate() === today.getUTCDate();
  return day ? clock : `${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${clock}`;
}

/** A list in a note, only to be copied. */
export function copyable(form, box, names, labels = {}) {
  const count = Object.keys(names).length;
  if (!count) return;
  const list = listing(form, names, labels);
  box.append(
    el("p", {}, `有 ${count} 处没有保存到服务器，仍存在本机，可以复制：`),
    list,
    el("p", { class: "jb-row" }, ...copier(list)),
  );
}

/** Offers what an earlier visit left; false when the page holds all of it already.
 *
 * `back` puts it in and answers what has no place, `away` drops it.
 */
export function offerBack(form, entry, { writable, back, away }) {
  const now = values(form);
  const shown = (name) => [form.elements.namedItem(name)?.value ?? ""]; // also where it is read-only
  const open = Object.keys(entry.names).filter((name) => !alike(entry.names[name], now[name] || shown(name)));
  if (!open.length) return false;
  entry.names = Object.fromEntries(open.map((name) => [name, entry.names[name]]));
  const list = listing(form, entry.names, entry.labels);
  const box = el("section", { class: "jb-note jb-note-warn", role: "status", "aria-label": "本机暂存的内容" });
  box.dataset.kept = "";
  const title = `本机有 ${open.length} 处尚未保存到服务器的内容（${time(entry.at)}）`;
  const row = el("p", { class: "jb-row" });
  const button = (words, act) => el("button", { class: "btn btn-sm", type: "button", onclick: act }, words);
  if (writable) {
    row.append(
      button("恢复", () => {
        const lost = back();
        if (Object.keys(lost).length) {
          const rest = listing(form, lost, entry.labels);
          row.replaceChildren(...copier(rest));
          list.replaceWith(el("p", {}, "下面几处已没有对应的栏目，需要的请复制："), rest);
        } else box.remove();
      }),
      button("丢弃", () => {
        away();
        box.remove();
      }),
    );
  }
  row.append(...copier(list));
  const words = writable
    ? "恢复后会自动保存；别人后来改过的栏目，会请您选择保留哪一个。"
    : "现在只能查看，不能补交；需要的请复制。";
  box.append(el("strong", {}, title), words, list, row);
  form.prepend(box);
  return true;
}

/** Puts inputs back by name, `each` told of those that took theirs; answers the others. */
export function putBack(form, names, each) {
  const lost = {};
  for (const [name, list] of Object.entries(names)) {
    makeRoom(form, name);
    if (put(form, name, list)) each(name);
    else lost[name] = list;
  }
  inputs(form).find((one) => one.name in names)?.focus();
  return lost;
}

/** Rows that the page does not have yet are added as with its button. */
function makeRoom(form, name) {
  const add = form.querySelector(`[data-add-row="${CSS.escape(name.split("-")[0])}"]`);
  for (let n = 0; add && n < 50 && !form.elements.namedItem(name); n += 1) add.click();
}
