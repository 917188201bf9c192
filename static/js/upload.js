// 证明材料: files go up in parts, with progress, and go on where a lost connection left them. The
// server judges; what it refuses stands at the file until it is put away. Without this module the
// same forms post a file whole.

const said = document.querySelector("[data-upload-said]");
const queue = [];
let working = false;
let arrived = 0;
const PATIENCE = [1000, 2000, 4000, 8000, 15000];

class Refused extends Error {
  constructor(told, status) {
    super(told.message || "没有办成，请刷新页面后再试。");
    this.offset = told.offset;
    this.status = status;
    this.again = status === 0 || status === 408 || status === 429 || status >= 500;
  }
}

const megabytes = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
const section = (key) => document.querySelector(`section[data-kind="${CSS.escape(key)}"]`);

// One request, answered in JSON. XMLHttpRequest, because fetch does not tell how much has gone up.
function ask(method, url, body, { signal, progress } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.timeout = 120000;
    if (method === "POST") request.setRequestHeader("X-CSRFToken", token());
    if (progress) request.upload.addEventListener("progress", (event) => progress(event.loaded));
    const lost = () => reject(new Refused({ message: "连接中断" }, 0));
    request.addEventListener("error", lost);
    request.addEventListener("timeout", lost);
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    if (signal) signal.addEventListener("abort", () => request.abort());
    request.addEventListener("load", () => {
      let told = null;
      try {
        told = JSON.parse(request.responseText);
      } catch {
        told = null;
      }
      if (request.status < 300 && told) resolve(told);
      else if (request.status < 300) {
        reject(new Refused({ message: "会话已结束。请重新登录，再选择同一个文件，会从断点续传。" }, 401));
      } else reject(new Refused(told || {}, request.status));
    });
    request.send(body);
  });
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    }
    addEventListener("online", done);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("cancelled", "AbortError"));
    });
  });
}

// Lines of the queue -----------------------------------------------------------------------------

class Line {
  constructor(file, form) {
    this.file = file;
    this.key = form.dataset.key;
    this.begin = form.dataset.upload;
    this.most = Number(form.dataset.most);
    this.accept = form.querySelector("input[type=file]").accept;
    this.replaces = form.querySelector("[name=replaces]")?.value || "";
    this.element = document.createElement("li");
    this.element.className = "jb-file";
    this.element.dataset.s = "busy";
    const kind = document.createElement("span");
    kind.className = "jb-file-kind";
    kind.textContent = file.name.split(".").pop().slice(0, 4).toUpperCase();
    const body = document.createElement("div");
    const name = document.createElement("p");
    name.className = "jb-file-name";
    name.textContent = file.name;
    this.bar = document.createElement("progress");
    this.bar.max = Math.max(file.size, 1);
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `${file.name} 上传进度`);
    this.words = document.createElement("p");
    this.words.className = "jb-meta";
    body.append(name, this.bar, this.words);
    this.side = document.createElement("div");
    this.side.className = "jb-file-side";
    this.element.append(kind, body, this.side);
    section(this.key).querySelector("[data-queue]").append(this.element);
    this.wait();
  }

  buttons(...wanted) {
    this.side.replaceChildren(
      ...wanted.map(([words, act]) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-sm";
        button.textContent = words;
        const hidden = document.createElement("span");
        hidden.className = "visually-hidden";
        hidden.textContent = this.file.name;
        button.append(hidden);
        button.addEventListener("click", act);
        return button;
      }),
    );
  }

  wait() {
    this.stop = new AbortController();
    this.element.dataset.s = "busy";
    this.words.className = "jb-meta";
    this.words.textContent = "等待上传";
    this.bar.hidden = false;
    this.buttons(["取消", () => this.cancel()]);
  }

  show(sent, words) {
    this.bar.value = sent;
    const share = this.file.size ? Math.floor((100 * sent) / this.file.size) : 100;
    this.words.textContent =
      words || `已传 ${share}%（${megabytes(sent)} / ${megabytes(this.file.size)}）`;
  }

  fail(message) {
    this.element.dataset.s = "bad";
    this.bar.hidden = true;
    this.words.className = "invalid-feedback";
    this.words.textContent = message;
    this.buttons(
      ["重试", () => { this.wait(); queue.push(this); work(); }],
      ["关闭", () => this.element.remove()],
    );
    said.textContent = `${this.file.name}：${message}`;
  }

  cancel() {
    this.stop.abort();
    const at = queue.indexOf(this);
    if (at >= 0) queue.splice(at, 1);
    if (this.state) ask("POST", this.state.cancel, null).catch(() => {});
    this.state = null;
    this.element.remove();
    said.textContent = `已取消上传“${this.file.name}”`;
  }

  // What can be said here at once. The server says it again.
  problem() {
    const extension = `.${this.file.name.split(".").pop().toLowerCase()}`;
    if (!this.file.size) return "文件是空的，请选择有内容的文件。";
    if (this.file.size > this.most) {
      return `文件为 ${megabytes(this.file.size)}，超过 ${megabytes(this.most)} 的上限。请压缩或拆分后上传。`;
    }
    if (!this.accept.split(",").includes(extension)) {
      return `这种类型不能上传。可以上传：${this.accept.replaceAll(".", "").toUpperCase().replaceAll(",", "、")}。`;
    }
    return "";
  }

  async send() {
    const wrong = this.problem();
    if (wrong) return this.fail(wrong);
    const signal = this.stop.signal;
    try {
      if (!this.hash) {
        this.show(0, "正在读取文件");
        this.hash = await digest(this.file);
      }
      this.state = await this.insist(() => this.announce(signal));
      let offset = this.state.offset;
      const resumed = offset > 0 ? "从断点续传，" : "";
      while (offset < this.file.size) {
        this.show(offset, resumed && `${resumed}已传 ${megabytes(offset)}`);
        offset = await this.insist(() => this.part(offset, signal));
      }
      this.show(this.file.size, "正在检查文件");
      const made = await this.insist(() => ask("POST", this.state.finish, null, { signal }));
      this.element.remove();
      arrived += 1;
      await refresh(this.key);
      said.textContent = `已上传“${made.name}”，${made.pages} 页`;
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      if (error.status === 404 || error.status === 410 || error.status === 422) this.state = null;
      return this.fail(error.message);
    }
    return undefined;
  }

  announce(signal) {
    const about = new FormData();
    about.append("name", this.file.name);
    about.append("size", String(this.file.size));
    about.append("sha256", this.hash === "-" ? "" : this.hash);
    if (this.replaces) about.append("replaces", this.replaces);
    if (this.state) return ask("GET", this.state.url, null, { signal });
    return ask("POST", this.begin, about, { signal });
  }

  // One part. Where the server is elsewhere (a part arrived whose answer was lost), go there.
  async part(offset, signal) {
    const bytes = this.file.slice(offset, offset + this.state.part);
    const progress = (loaded) => this.show(offset + Math.min(loaded, bytes.size));
    try {
      return (await ask("POST", `${this.state.url}?offset=${offset}`, bytes, { signal, progress })).offset;
    } catch (error) {
      if (error.status === 409 && typeof error.offset === "number" && error.offset !== offset) {
        return error.offset;
      }
      throw error;
    }
  }

  // Again and again while it is only the connection; where we are is asked anew each time.
  async insist(act) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await act();
      } catch (error) {
        if (!error.again) throw error;
        const wait = PATIENCE[Math.min(attempt, PATIENCE.length - 1)];
        this.show(this.bar.value, `连接中断，已传部分不会丢失，恢复后自动续传（已传 ${megabytes(this.bar.value)}）`);
        said.textContent = `${this.file.name}：连接中断，恢复后自动续传`;
        await pause(wait, this.stop.signal);
      }
    }
  }
}

// Tells whether a file chosen again is the one that was begun. Only where the page is secure.
async function digest(file) {
  if (!crypto.subtle) return "-";
  try {
    const bytes = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");
  } catch {
    throw new Refused({ message: "这个文件现在读不了：可能已移动、改名或被其他程序占用。请重新选择。" }, 400);
  }
}

async function work() {
  if (working) return;
  working = true;
  arrived = 0;
  while (queue.length) await queue.shift().send();
  working = false;
  leadBack();
}

// Who came from 提交前核对 goes back there once everything is up and nothing is left to read.
function leadBack() {
  const place = document.querySelector("[data-after-upload]");
  if (place && arrived && !document.querySelector("[data-queue] li")) {
    location.assign(place.dataset.afterUpload);
  }
}

function take(files, form) {
  for (const file of files) {
    const line = new Line(file, form);
    const wrong = line.problem();
    if (wrong) line.fail(wrong);
    else queue.push(line);
  }
  work();
}

// The page as the server has it -------------------------------------------------------------------

async function refresh(key) {
  const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" }).catch(() => null);
  if (answer && answer.ok) put(key, await answer.text());
}

function makeReady() {
  for (const form of document.querySelectorAll("form[data-upload]")) form.dataset.ready = "1";
}
makeReady();

// The section of one kind anew, its own queue kept; the counts beside the form too.
function put(key, text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = page.querySelector(`section[data-kind="${CSS.escape(key)}"]`);
  const old = section(key);
  if (!fresh || !old) return false;
  const lines = old.querySelector("[data-queue]");
  fresh.querySelector("[data-queue]").replaceWith(lines);
  old.replaceWith(fresh);
  const nav = document.querySelector(".jb-secnav");
  const freshNav = page.querySelector(".jb-secnav");
  if (nav && freshNav) nav.replaceWith(freshNav);
  makeReady();
  return true;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form || event.target.type !== "file" || !event.target.files.length) return;
  take([...event.target.files], form);
  event.target.value = "";
  form.closest("details")?.removeAttribute("open");
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.upload) {
    const input = form.querySelector("input[type=file]");
    event.preventDefault();
    if (input.files.length) take([...input.files], form);
    else {
      said.textContent = "没有选择文件，请先选择再上传。";
      input.focus();
      input.click();
    }
    return;
  }
  if (!("inPlace" in form.dataset)) return;
  event.preventDefault();
  act(form, event.submitter);
});

async function act(form, button) {
  const key = form.closest("section[data-kind]").dataset.kind;
  const body = new FormData(form);
  if (button && button.name) body.append(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" }).catch(() => null);
  if (!answer) {
    said.textContent = "连接中断，这一步没有办成，请稍后再试。";
    note(key, said.textContent);
    return;
  }
  const text = await answer.text();
  if (!put(key, text)) {
    // A refusal has a page of its own: show its words here.
    const page = new DOMParser().parseFromString(text, "text/html");
    const words = page.querySelector(".jb-note-bad");
    note(key, words ? words.textContent.trim() : "没有办成，请刷新页面后再试。");
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  const told = page.querySelector(".jb-note-ok, .jb-errors li");
  said.textContent = told ? told.textContent.trim() : "";
  section(key).focus();
}

function note(key, words) {
  const line = document.createElement("li");
  line.className = "jb-file";
  line.dataset.s = "bad";
  const kind = document.createElement("span");
  kind.className = "jb-file-kind";
  kind.textContent = "!";
  const body = document.createElement("div");
  const text = document.createElement("p");
  text.className = "invalid-feedback";
  text.textContent = words;
  body.append(text);
  line.append(kind, body);
  section(key).querySelector("[data-queue]").append(line);
  said.textContent = words;
}

// Dragging ---------------------------------------------------------------------------------------

let over = null;
function mark(place) {
  if (over === place) return;
  if (over) delete over.dataset.over;
  over = place;
  if (over) over.dataset.over = "1";
}

document.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault(); // a file dropped beside a place must not leave the page
  mark(event.target.closest?.("form[data-drop]") || null);
  event.dataTransfer.dropEffect = over ? "copy" : "none";
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) mark(null);
});
document.addEventListener("drop", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  const place = event.target.closest?.("form[data-drop]");
  mark(null);
  if (place && event.dataTransfer.files.length) take([...event.dataTransfer.files], place);
});

addEventListener("beforeunload", (event) => {
  if (working) event.preventDefault();
});
