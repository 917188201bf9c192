// How saving stands, said at [data-save-state], politely to those who listen, and in notes.

import { el } from "./unsaved.js";

const SAY_AGAIN = 30000; // milliseconds between two polite "saved"

/** What a form can say: `say` the state, `note` a trouble, `banner` the lost network. */
export function voice(form) {
  const state = form.querySelector("[data-save-state]") || document.querySelector("[data-save-state]");
  const said = el("span", { class: "visually-hidden", role: "status" });
  if (state && state.getAttribute("role") !== "status" && !state.hasAttribute("aria-live")) state.after(said);
  let saidAt = 0;

  function say(s, text, more = "") {
    if (!state) return;
    state.dataset.s = s;
    const tag = el("span", { class: "jb-tag" }, text);
    tag.dataset.s = { ok: "done", busy: "doing", off: "fix" }[s];
    state.replaceChildren(tag, ...(more ? [el("span", { class: "jb-only-wide" }, more)] : []));
    if (s === "busy" || said.textContent === text) return;
    if (s === "ok" && said.dataset.s === "ok" && Date.now() - saidAt < SAY_AGAIN) return;
    said.textContent = text;
    said.dataset.s = s;
    saidAt = Date.now();
  }

  function note(text, ...more) {
    let box = form.querySelector("[data-save-note]");
    if (!box) {
      box = el("div", { class: "jb-note jb-note-bad", role: "alert" });
      box.dataset.saveNote = "";
      form.prepend(box);
    }
    box.replaceChildren(text, ...more);
    return box;
  }

  function banner(on) {
    let box = document.querySelector("[data-offline]");
    if (!on) {
      box?.remove();
      return;
    }
    if (!box) {
      box = el("div", { class: "jb-note jb-note-warn jb-offline", role: "status" });
      box.dataset.offline = "";
      form.before(box);
    }
    const words = navigator.onLine ? "没有连上服务器" : "离线";
    if (box.dataset.words === words) return;
    box.dataset.words = words;
    box.replaceChildren(el("strong", {}, words), "可以继续填写：修改存在本机，连上后自动补交。");
  }

  return {
    say,
    note,
    banner,
    quiet: () => form.querySelector("[data-save-note]")?.remove(),
    standing: () => state?.dataset.s,
    /** A link beside the state. */
    beside: (link) => state?.append(" ", link),
    /** News for those who listen. */
    tell: (words) => (said.textContent = words),
  };
}

/** What colleagues saved, in one line. */
export function joined(taken) {
  const one = taken[0];
  const labels = taken.slice(0, 3).map((field) => `“${field.label}”`).join("");
  const more = taken.length > 3 ? `等 ${taken.length} 项` : "";
  return `${one.by || "您在另一页面"} ${one.at.slice(0, 5)} 保存了${labels}${more}，已合并`;
}
