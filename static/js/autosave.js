// Saves form[data-autosave] to the URL it names, 1.5 s after the last change and never while an
// input method composes. What could not be sent is kept on this machine and tried again.
//
// The server answers 200 {"version": n, "saved_at": "14:08:00"}; 409 {"message": "…"} when
// somebody else saved meanwhile (the page then offers both values); 4xx {"message": "…"}
// when it refuses for good (the deadline, a lost right). The form sends its fields as they
// stand, with `version`. The state is said in [data-save-state].

const WAIT = 1500;
const RETRY = [2000, 5000, 10000, 30000];

function start(form) {
  const url = form.dataset.autosave;
  const key = `jb:${url}`;
  const state = form.querySelector("[data-save-state]") || document.querySelector("[data-save-state]");
  let timer = 0;
  let composing = false;
  let sending = false;
  let dirty = false;
  let stopped = false;
  let tries = 0;

  function say(s, text) {
    if (!state) return;
    state.dataset.s = s;
    const tag = document.createElement("span");
    tag.className = "jb-tag";
    tag.dataset.s = { ok: "done", busy: "doing", off: "fix" }[s];
    tag.textContent = text;
    state.replaceChildren(tag);
  }

  function note(text) {
    let box = form.querySelector("[data-save-note]");
    if (!box) {
      box = document.createElement("div");
      box.className = "jb-note jb-note-bad";
      box.setAttribute("role", "alert");
      box.dataset.saveNote = "";
      form.prepend(box);
    }
    box.textContent = text;
  }

  const body = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
    return data;
  };

  const version = () => (form.querySelector("[name=version]") || {}).value || "";

  function keep(sent = false) {
    const pairs = [...body().entries()].filter(([name]) => name !== "csrfmiddlewaretoken");
    try {
      localStorage.setItem(key, JSON.stringify({ version: version(), sent, pairs }));
    } catch {
      // storage full or forbidden: the page itself still holds the values
    }
  }
  const forget = () => {
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing was kept
    }
  };

  async function send() {
    if (sending || stopped || composing) return;
    sending = true;
    dirty = false;
    say("busy", "正在保存…");
    let answer = null;
    try {
      answer = await fetch(url, {
        method: "POST",
        body: body(),
        headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
      });
    } catch {
      answer = null;
    }
    sending = false;
    if (answer && answer.redirected) {
      keep();
      say("off", "会话已结束，修改已存在本机");
      note("会话已结束。您的修改已存在本机，重新登录后回到本页会自动补交。");
      stopped = true;
      return;
    }
    if (!answer || answer.status >= 500) {
      dirty = true;
      keep();
      say("off", navigator.onLine ? "没有存上，正在重试" : "连接中断，修改已存在本机");
      clearTimeout(timer);
      timer = setTimeout(send, RETRY[Math.min(tries++, RETRY.length - 1)]);
      return;
    }
    tries = 0;
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) {
      forget();
      form.querySelector("[data-save-note]")?.remove();
      const field = form.querySelector("[name=version]");
      if (field && told.version !== undefined) field.value = told.version;
      if (dirty) keep();
      const time = document.querySelector("[data-now]");
      say("ok", `已保存 ${told.saved_at || (time ? time.textContent.slice(-8) : "")}`.trim());
      form.dispatchEvent(new CustomEvent("jb:saved", { bubbles: true, detail: told }));
      if (dirty) plan();
      return;
    }
    keep();
    stopped = answer.status !== 422; // a value it cannot take: the next change is tried again
    say("off", answer.status === 409 ? "与他人的修改冲突" : "没有保存");
    note(
      told.message ||
        (answer.status === 409
          ? "这一部分刚被他人改过。您的修改已存在本机；请点“保存”，逐项选择保留哪一个值。"
          : "服务器没有接受这次保存。您的修改已存在本机，请刷新本页查看原因。"),
    );
  }

  function plan() {
    dirty = true;
    keep();
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(send, WAIT);
  }

  form.addEventListener("compositionstart", () => (composing = true));
  form.addEventListener("compositionend", () => {
    composing = false;
    plan();
  });
  form.addEventListener("input", (event) => {
    if (!event.isComposing && !composing) plan();
  });
  form.addEventListener("change", plan);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    stopped = true;
    keep(true);
  });
  addEventListener("online", () => (tries = 0) || (dirty && send()));
  addEventListener("offline", () => say("off", "连接中断，修改会存在本机"));
  addEventListener("beforeunload", () => dirty && keep());

  // What an earlier visit could not send. Based on the version that still stands, it is put back
  // and sent; after somebody else's save it is only shown, so that nothing is overwritten.
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(key));
  } catch {
    kept = null;
  }
  if (!kept || form.querySelector(".jb-errors[role=alert]")) return;
  if (kept.version === version()) putBack(kept.pairs);
  else if (kept.sent) forget();
  else showKept(kept.pairs);

  function putBack(pairs) {
    const values = new Map();
    for (const [name, value] of pairs) values.set(name, [...(values.get(name) || []), value]);
    let changed = 0;
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "file" || field.readOnly) continue;
      const mine = values.get(field.name) || [];
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked !== mine.includes(field.value)) changed += 1;
        field.checked = mine.includes(field.value);
      } else if (mine.length) {
        const value = mine.shift();
        if (field.value === value) continue;
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        changed += 1;
      }
    }
    if (!changed) {
      forget();
      return;
    }
    note(`本机暂存的 ${changed} 处修改已带回，正在补交。`);
    plan();
  }

  function showKept(pairs) {
    const lost = pairs.filter(([name, value]) => {
      const field = form.elements.namedItem(name);
      return value && field && "value" in field && field.type !== "hidden" && field.value !== value;
    });
    if (!lost.length) {
      forget();
      return;
    }
    note(`本机暂存了 ${lost.length} 处没有存上的修改。这一部分后来又有人保存过，所以没有自动带回；需要的请从下面复制。`);
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = "查看没有存上的修改";
    details.append(summary);
    for (const [name, value] of lost) {
      const p = document.createElement("p");
      const field = form.elements.namedItem(name);
      const label = field.labels && field.labels[0] ? field.labels[0].textContent.trim() : field.getAttribute("aria-label") || name;
      p.textContent = `${label}：${value}`;
      details.append(p);
    }
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-sm";
    drop.textContent = "不再需要";
    drop.addEventListener("click", () => {
      forget();
      form.querySelector("[data-save-note]").remove();
    });
    form.querySelector("[data-save-note]").append(details, drop);
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) start(form);
