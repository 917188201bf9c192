// Photographs from the site: form[data-photos-form] sends each chosen file by itself, with progress
// and another try, and puts the list as the server draws it into [data-photo-list]. Without this
// module the same form posts all files at once.

const form = document.querySelector("[data-photos-form]");
const queue = document.querySelector("[data-photo-queue]");
const said = document.querySelector("[data-photo-said]");
const list = document.querySelector("[data-photo-list]");
const TYPES = ["jpg", "jpeg", "png", "pdf"];

const megabytes = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;

function problem(file) {
  if (!file.size) return "文件是空的，请重新选择。";
  const most = Number(form.dataset.most);
  if (file.size > most) return `文件为 ${megabytes(file.size)}，超过 ${megabytes(most)} 的上限。请压缩后上传。`;
  if (!TYPES.includes(file.name.split(".").pop().toLowerCase())) return "这种类型不能上传。可以上传：JPG、PNG、PDF。";
  return "";
}

function post(file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("file", file, file.name);
    request.open("POST", form.action);
    request.timeout = 180000;
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    const lost = () => resolve("连接中断，没有传上。文件还在手机里，恢复后请重试。");
    request.addEventListener("error", lost);
    request.addEventListener("timeout", lost);
    request.addEventListener("load", () => {
      let told = null;
      try {
        told = JSON.parse(request.responseText);
      } catch {
        told = null;
      }
      if (request.status < 300 && told) resolve("");
      else resolve((told && told.message) || "没有传上，请刷新页面后再试。");
    });
    request.send(body);
  });
}

function line(file) {
  const item = document.createElement("li");
  item.className = "jb-file";
  item.dataset.s = "busy";
  const kind = document.createElement("span");
  kind.className = "jb-file-kind";
  kind.textContent = file.name.split(".").pop().slice(0, 4).toUpperCase();
  const body = document.createElement("div");
  const name = document.createElement("p");
  name.className = "jb-file-name";
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = Math.max(file.size, 1);
  bar.value = 0;
  bar.setAttribute("aria-label", `${file.name} 上传进度`);
  const words = document.createElement("p");
  words.className = "jb-meta";
  body.append(name, bar, words);
  const side = document.createElement("div");
  side.className = "jb-file-side";
  item.append(kind, body, side);
  queue.append(item);
  return { item, bar, words, side };
}

async function send(file, shown = line(file)) {
  const { item, bar, words, side } = shown;
  item.dataset.s = "busy";
  bar.hidden = false;
  words.className = "jb-meta";
  words.textContent = "正在上传";
  side.replaceChildren();
  const wrong =
    problem(file) ||
    (await post(file, (loaded) => {
      bar.value = loaded;
      words.textContent = loaded < file.size ? `已传 ${megabytes(loaded)} / ${megabytes(file.size)}` : "正在检查文件";
    }));
  if (!wrong) {
    item.remove();
    said.textContent = `已上传“${file.name}”`;
    return true;
  }
  item.dataset.s = "bad";
  bar.hidden = true;
  words.className = "invalid-feedback";
  words.textContent = wrong;
  said.textContent = `${file.name}：${wrong}`;
  for (const [text, act] of [
    ["重试", async () => (await send(file, shown)) && refresh()],
    ["关闭", () => item.remove()],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = text;
    const hidden = document.createElement("span");
    hidden.className = "visually-hidden";
    hidden.textContent = file.name;
    button.append(hidden);
    button.addEventListener("click", act);
    side.append(button);
  }
  return false;
}

async function refresh() {
  const answer = await fetch(form.dataset.list, { headers: { "X-Requested-With": "XMLHttpRequest" } }).catch(() => null);
  if (answer && answer.ok) list.innerHTML = await answer.text();
}

async function all(files) {
  let made = 0;
  for (const file of files) if (await send(file)) made += 1;
  if (made) await refresh();
}

if (form) {
  const input = form.querySelector("input[type=file]");
  form.querySelector("[data-plain]").hidden = true;
  input.addEventListener("change", async () => {
    const files = [...input.files];
    input.value = "";
    await all(files);
  });
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.dataset.over = "";
  });
  form.addEventListener("dragleave", () => delete form.dataset.over);
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    delete form.dataset.over;
    all([...event.dataTransfer.files]);
  });
}
