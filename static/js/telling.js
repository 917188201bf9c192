// What a save led to, told to the page: saved, merged, refused, signed out (autosave.js).

import { blockOf, inputs } from "./fields.js";
import { joined } from "./saying.js";
import { copyable, el } from "./unsaved.js";

/** How saving went, in the words of this form's voice (saying.js). */
export function telling(form, { say, note, banner, beside, tell }) {
  /** A save arrived: what was taken from colleagues, or what waits to be chosen. */
  function report(told, taken, clashes) {
    if (clashes.length) {
      const who = clashes.find((one) => one.by)?.by || "另一页面";
      say("off", `与${who}的修改冲突`, `${clashes.length} 处待选择，其他栏目照常保存`);
      beside(el("a", { href: `#clash-${clashes[0].key}` }, "去选择"));
      return;
    }
    const clock = document.querySelector("[data-now]");
    const at = told.saved_at || (clock ? clock.textContent.slice(-8) : "");
    const news = taken.length ? joined(taken) : `${document.body.dataset.name || ""} · 第 ${told.version} 次`;
    say("ok", `已保存 ${at}`.trim(), told.version === undefined ? "" : news);
    if (taken.length) tell(news);
  }

  /** A line at the field that somebody else's value was put into. */
  function merged(field, one) {
    const block = blockOf(form, field);
    block?.querySelector("[data-joined]")?.remove();
    const line = el("p", { class: "jb-meta" }, `${one.by || "您在另一页面"} ${one.at} 保存，已合并`);
    line.dataset.joined = "";
    const title = block?.querySelector(".form-label, legend");
    if (title) title.after(line);
    else block?.prepend(line);
  }

  function retrying() {
    banner(true);
    const kept = form.dataset.notKept ? "，请不要关闭本页" : "，修改已存在本机";
    say("off", navigator.onLine ? `没有存上，正在重试${kept}` : `连接中断${kept}`);
  }

  function offline() {
    banner(true);
    say("off", "连接中断，修改会存在本机");
  }

  function otherPerson(words, signIn) {
    const button = el("button", { class: "btn btn-sm", type: "button", onclick: signIn }, "由原用户重新登录");
    note(el("strong", {}, "现在登录的不是本页的用户"), words, " ", button);
  }

  function sessionOver(signIn) {
    say("off", "会话已结束，修改已存在本机");
    const button = el("button", { class: "btn btn-sm", type: "button", onclick: signIn }, "重新登录");
    note(el("strong", {}, "会话已结束"), "修改已存在本机；重新登录后从原处继续，不必离开本页。", " ", button);
  }

  /** Nothing is taken any more: say so, offer what was not sent for copying, shut the inputs. */
  function onlyRead(words, told, unsent) {
    const box = note(el("strong", {}, "只能查看"), words);
    if (told.server_time && !words.includes("服务器时间")) box.append(`（服务器时间 ${told.server_time}）`);
    copyable(form, box, unsent);
    for (const input of inputs(form)) {
      if (input.matches("select, [type=checkbox], [type=radio]")) input.disabled = true;
      else input.readOnly = true;
    }
    for (const button of form.querySelectorAll("button[type=submit], [data-add-row]")) button.remove();
  }

  return { report, merged, retrying, offline, otherPerson, sessionOver, onlyRead };
}
