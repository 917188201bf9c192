// Lists of what was typed and is not with the server: offered back, or only to be copied.

import { labelOf } from "./fields.js";

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
