// Two people changed the same field: both values beside each other at the field, and a choice.

import { blockOf } from "./fields.js";
import { el } from "./unsaved.js";

/** Shows the panel of a clash, or brings an open one up to date.
 *
 * `choose(how, text)` is called with "mine", "theirs", "both" or "text".
 */
export function ask(form, clash, choose) {
  const id = `clash-${clash.key}`;
  const open = document.getElementById(id);
  const begun = open && open.querySelector("textarea");
  const text = begun ? begun.value : null;
  const focused = open && open.contains(document.activeElement) ? document.activeElement : null;
  if (open && focused && open.dataset.theirs === clash.theirs) return;
  const who = clash.by || "您在另一页面";
  const panel = el("section", {
    class: "jb-note jb-note-bad jb-clash",
    id,
    tabindex: "-1",
    "aria-label": `“${clash.label}”有两个版本`,
  });
  panel.dataset.theirs = clash.theirs;
  panel.dataset.clash = clash.key;
  const [mine, theirs] = marked(clash.mine, clash.theirs);
  const done = (how, words) => {
    panel.remove();
    choose(how, words);
  };
  const button = (words, how) =>
    el("button", { class: "btn btn-sm", type: "button", onclick: () => done(how) }, words);
  const row = el("p", { class: "jb-row" }, button("保留我的", "mine"), button("用对方的", "theirs"));
  if (clash.both) row.append(button("两边新增的行都保留", "both"));
  panel.append(
    el("strong", { role: "alert" }, `“${clash.label}”：${who} ${clash.at} 也改过，请选择保留哪一个`),
    el("p", {}, "两个版本都没有丢。选择之前，这一栏不会保存；其他栏目照常保存。"),
    el(
      "div",
      { class: "jb-clash-pair jb-diff" },
      el("div", {}, el("h3", { class: "jb-h3" }, "我的（本页，未保存）"), mine),
      el("div", {}, el("h3", { class: "jb-h3" }, `${clash.by || "另一页面"}的（${clash.at} 已保存）`), theirs),
    ),
    row,
  );
  if (clash.kind === "text") {
    const edit = el("button", { class: "btn btn-sm", type: "button" }, "合并编辑");
    edit.addEventListener("click", () => editor(panel, row, edit, `${clash.theirs}\n${clash.mine}`, done));
    row.append(edit);
    if (begun) editor(panel, row, edit, text, done, false);
  }
  if (open) open.replaceWith(panel);
  else place(form, clash.key, panel);
}

function editor(panel, row, edit, text, done, focus = true) {
  edit.remove();
  const area = el("textarea", { class: "form-control", rows: "6", "aria-label": "合并后的内容" });
  area.value = text;
  // What is written here is not an input of the form.
  for (const type of ["input", "change"]) area.addEventListener(type, (event) => event.stopPropagation());
  const use = el("button", { class: "btn btn-sm", type: "button", onclick: () => done("text", area.value) }, "用合并后的");
  panel.append(area);
  row.append(use);
  if (focus) area.focus();
}

function place(form, key, panel) {
  const block = blockOf(form, key);
  if (block) block.before(panel);
  else form.prepend(panel);
}

const LONG = 1500; // longer texts are marked from the first to the last difference only

/** Both texts with what differs between them marked. */
function marked(a, b) {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [x, y] = [a, b].map((text) => text.slice(start, text.length - end));
  const [inX, inY] = x.length > LONG || y.length > LONG ? [() => true, () => true] : only(x, y);
  const one = (text, middle, differs) => {
    const p = el("p", { class: "jb-clash-text" }, text.slice(0, start));
    for (let n = 0; n < middle.length; ) {
      const from = n;
      const mark = differs(n);
      while (n < middle.length && differs(n) === mark) n += 1;
      p.append(mark ? el("ins", {}, middle.slice(from, n)) : middle.slice(from, n));
    }
    p.append(text.slice(text.length - end));
    return p;
  };
  return [one(a, x, inX), one(b, y, inY)];
}

/** For each of two texts, which characters are not in the longest common subsequence. */
function only(x, y) {
  const wide = y.length + 1;
  const best = new Uint16Array((x.length + 1) * wide);
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let j = y.length - 1; j >= 0; j -= 1) {
      best[i * wide + j] =
        x[i] === y[j] ? best[(i + 1) * wide + j + 1] + 1 : Math.max(best[(i + 1) * wide + j], best[i * wide + j + 1]);
    }
  }
  const [common, also] = [new Set(), new Set()];
  for (let i = 0, j = 0; i < x.length && j < y.length; ) {
    if (x[i] === y[j]) {
      common.add(i++);
      also.add(j++);
    } else if (best[(i + 1) * wide + j] >= best[i * wide + j + 1]) i += 1;
    else j += 1;
  }
  return [(n) => !common.has(n), (n) => !also.has(n)];
}
