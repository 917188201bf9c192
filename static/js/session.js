// The session of the person the page was made for: five minutes before it ends a note with a way
// to go on; after it ended, signing in again in place, the second factor included. Pages that
// save say jb:signed-out and go on at jb:signed-in (events of the document).

import { el } from "./unsaved.js";

const WARN = 5 * 60 * 1000;
const { sessionUntil, keepAlive, signInAgain, person, acting, name } = document.body.dataset;
const now = document.querySelector("[data-now]");
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("jb-session") : null;
let ends = 0;
let note = null;
let last = false; // the sign-in is near its longest: it cannot be lengthened, only made anew

function token() {
  const cookie = document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/);
  const field = document.querySelector("[name=csrfmiddlewaretoken]");
  return cookie ? cookie[1] : field ? field.value : "";
}

/** The session lasts so many seconds from now. */
function lasts(seconds, tell = true) {
  ends = Date.now() + seconds * 1000;
  if (seconds * 1000 > WARN) last = false;
  note?.remove();
  note = null;
  if (tell) tabs?.postMessage({ person, seconds });
}

function check() {
  if (!ends) return;
  const left = ends - Date.now();
  if (left <= 0) say("over", "会话已结束", "本页还没有保存的内容仍在本机。", "重新登录", signIn);
  else if (left <= WARN && last) say("last", "本次登录已到最长时限，即将结束", "请现在重新登录，内容从原处继续。", "重新登录", signIn);
  else if (left <= WARN) say("soon", "会话将在 5 分钟内结束", "", "继续使用", goOn);
}

function say(kind, words, more, act, run) {
  if (note?.dataset.kind === kind) return;
  note?.remove();
  const button = el("button", { class: "btn btn-sm", type: "button", onclick: run }, act);
  note = el("div", { class: "jb-note jb-note-warn jb-offline", role: "alert" }, el("strong", {}, words), more, " ", button);
  note.dataset.kind = kind;
  (document.querySelector("main .jb-wrap") || document.querySelector("main")).prepend(note);
}

async function goOn() {
  const strong = note?.querySelector("strong");
  const answer = await fetch(keepAlive, {
    method: "POST",
    headers: { "X-CSRFToken": token(), Accept: "application/json" },
  }).catch(() => null);
  if (answer && answer.ok && !answer.redirected) {
    const told = await answer.json().catch(() => ({}));
    last = told.seconds * 1000 <= WARN;
    if (told.seconds) lasts(told.seconds);
    if (last) check();
  } else if (answer) signIn();
  else if (strong) strong.textContent = "没有连上服务器，请稍后再试";
}

// Signing in again -------------------------------------------------------------------------------

function field(label, attributes) {
  const input = el("input", { class: "form-control", ...attributes });
  return el("label", { class: "form-label" }, label, input);
}

function signIn() {
  if (document.querySelector("dialog[data-sign-in]")) return;
  const why = el("p", { class: "jb-btn-why", role: "alert" });
  const fields = el(
    "div",
    { class: "jb-flow" },
    field("邮箱", { name: "email", type: "email", autocomplete: "username", required: "" }),
    field("密码", { name: "password", type: "password", autocomplete: "current-password", required: "" }),
  );
  const yes = el("button", { class: "btn btn-primary", type: "submit" }, "登录并继续");
  const no = el("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "稍后登录");
  const here = encodeURIComponent(location.pathname + location.search);
  const away = el("a", { href: `/account/login/?next=${here}`, target: "_blank", rel: "noopener" }, "在新页面登录");
  const form = el("form", { class: "jb-flow", method: "post", novalidate: "" }, fields, why, el("p", { class: "jb-row" }, yes, no), el("p", { class: "jb-meta" }, "也可以", away, "，登录后回到本页继续。"));
  const dialog = el(
    "dialog",
    { class: "jb-dialog jb-flow", "aria-labelledby": "sign-in-title" },
    el("h2", { class: "jb-h2", id: "sign-in-title" }, "会话已结束，请重新登录"),
    el("p", {}, `请${name || "本页用户"}重新登录。已填写的内容都在本页和本机，登录后从原处继续保存。`),
    form,
  );
  dialog.dataset.signIn = "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    const data = new FormData(form);
    data.set("person", person || "");
    data.set("acting", acting || "");
    data.set("csrfmiddlewaretoken", token());
    why.textContent = "";
    const answer = await fetch(signInAgain, {
      method: "POST",
      body: data,
      headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
    }).catch(() => null);
    const told = answer ? await answer.json().catch(() => ({})) : {};
    delete form.dataset.busy;
    if (told.csrf) {
      for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = told.csrf;
    }
    if (told.ok) {
      lasts(Number(answer.headers.get("X-Session-Seconds")) || 7200);
      dialog.close();
      document.dispatchEvent(new CustomEvent("jb:signed-in"));
    } else if (told.second) {
      const code = field("两步验证码（或一个恢复码）", { name: "token", autocomplete: "one-time-code", required: "" });
      fields.replaceChildren(code);
      yes.textContent = "验证并继续";
      code.querySelector("input").focus();
    } else if (told.set_up) {
      away.href = told.set_up;
      why.textContent = "您的账号须先设置两步验证：请点“在新页面登录”设置，完成后回到本页继续。";
    } else if (!answer) why.textContent = "没有连上服务器，请稍后再试。内容仍在本机。";
    else if (answer.status === 429) {
      why.textContent = "连续输错次数过多，该账号在本机暂停登录 15 分钟。内容仍在本机，届时可以继续；急用请联系安全管理员解除。";
    } else {
      why.textContent = told.message || "不能在本页登录，请点“在新页面登录”。";
      if (told.code === "signed-out") setTimeout(() => dialog.close(), 3000);
      else fields.querySelector("input:last-of-type")?.select();
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  fields.querySelector("input").focus();
}

if (sessionUntil && keepAlive && now) {
  lasts((Date.parse(sessionUntil) - Date.parse(now.dataset.now)) / 1000, false);
  document.addEventListener("jb:session", (event) => lasts(event.detail.seconds));
  if (signInAgain) document.addEventListener("jb:signed-out", signIn);
  tabs?.addEventListener("message", (event) => event.data.person === person && lasts(event.data.seconds, false));
  setInterval(check, 10000);
  addEventListener("focus", check);
  check();
}
