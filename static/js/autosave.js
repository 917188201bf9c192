// Saves form[data-autosave] to the URL it names: a good second after the last key, sooner when an
// input is left, at most two after the first change, never while an input method composes. Every
// change is kept on this machine at once until the server has confirmed it (keeping.js) and offered
// back on the next visit (docs/saving.md).
//
// The form sends its fields as they stand, `version` (the save it shows) and `held` (fields in
// which it still shows an earlier one). The server answers 200 or, when somebody else changed the
// same field, 409 {"code": "clash"}; both as applications/views/saving.py says. 401 means that the
// session ended: the text waits until the same person is signed in again (session.js). Any other
// 4xx {"message": "…"} is a refusal; with "shut" the page becomes read-only.

import { ask } from "./clash.js";
import { adopt, differing, fieldOf, inputs, labelOf, put, same, values } from "./fields.js";
import { drop, keep, kept, tidy } from "./keeping.js";
import { voice } from "./saying.js";
import { telling } from "./telling.js";
import { offerBack, putBack } from "./unsaved.js";

const PAUSE = 1200; // after a key
const LEFT = 300; // after an input was left
const AT_MOST = 1800;
const RETRY = [2000, 4000, 8000, 15000, 30000];
const PATIENCE = 20000;

function start(form) {
  const url = form.dataset.autosave || "";
  const key = `${document.body.dataset.person || ""}|${url || form.dataset.keptFor}`;
  const speaking = voice(form);
  const { say, note, quiet, banner, standing } = speaking;
  const { report, merged, retrying, offline, otherPerson, sessionOver, onlyRead } = telling(form, speaking);
  const held = new Map(); // field -> the save that the page still shows there
  const pending = new Map(); // field -> how the server draws it, while its input is in use
  let confirmed = values(form, { made: true });
  let older = null; // what an earlier visit left behind, until it is taken back or dropped
  let timer = 0;
  let first = 0; // when the oldest change that was not sent was made
  let composing = false;
  let sending = false;
  let placing = false; // values are being put in by us
  let stopped = !url;
  let waiting = false; // for the same person to be signed in again
  let tries = 0;
  let fresh = false; // the token was renewed for this try
  let locked = false; // nothing can be written here any more

  // A page come back to may show what the browser remembered instead of what the server sent.
  const [visit] = performance.getEntriesByType("navigation");
  if (visit && visit.type !== "navigate" && visit.type !== "prerender") form.reset();

  const number = () => Number((form.querySelector("[name=version]") || {}).value || 0);
  const dirty = () => differing(values(form), confirmed);

  // Keeping on this machine -----------------------------------------------------------------

  let writing = null;
  let again = false;

  /** Put what the server has not confirmed on the disk, one write at a time. */
  function journal() {
    if (locked) return null;
    if (writing) {
      again = true;
      return writing;
    }
    writing = write().finally(() => {
      writing = null;
      if (again) {
        again = false;
        journal();
      }
    });
    return writing;
  }

  async function write() {
    await ready; // what an earlier visit left is read before anything is written over it
    if (locked) return;
    const now = values(form);
    const names = older ? { ...older.names } : {};
    const labels = older ? { ...older.labels } : {};
    for (const name of differing(now, confirmed)) {
      names[name] = now[name] || [];
      labels[name] = labelOf(form, name);
    }
    if (!Object.keys(names).length) {
      await drop(key);
      return;
    }
    const version = older ? Math.min(older.version, number()) : number();
    const entry = { at: Date.now(), version, held: Object.fromEntries(held), names, labels };
    if (!(await keep(key, entry))) form.dataset.notKept = "1";
    else delete form.dataset.notKept;
  }

  // Sending ---------------------------------------------------------------------------------

  function body() {
    const data = new FormData(form);
    for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
    const cookie = document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/);
    if (cookie && data.has("csrfmiddlewaretoken")) data.set("csrfmiddlewaretoken", cookie[1]);
    data.set("held", [...held].map(([field, version]) => `${field}:${version}`).join(","));
    return data;
  }

  function plan(pause = PAUSE) {
    if (stopped || waiting || composing) return;
    first ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(send, Math.max(0, Math.min(pause, first + AT_MOST - Date.now())));
  }

  const post = (more) =>
    fetch(url, {
      method: "POST",
      body: body(),
      headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
      ...more,
    });

  async function send() {
    if (sending || stopped || composing) return;
    clearTimeout(timer);
    sending = true;
    first = 0;
    const sent = values(form);
    const shown = number();
    say("busy", "正在保存…");
    const patience = new AbortController();
    const stop = setTimeout(() => patience.abort(), PATIENCE);
    const answer = await post({ signal: patience.signal }).catch(() => null);
    const told = answer ? await answer.json().catch(() => null) : null;
    clearTimeout(stop);
    sending = false;
    if (!answer || answer.status >= 500 || answer.status === 429) retry();
    else if (answer.status === 401 || (answer.redirected && !told)) signedOut();
    else if (answer.status === 403 && !told && !fresh) {
      fresh = true; // the token is older than the session: once more with the cookie's
      await send();
    } else {
      fresh = false;
      tries = 0;
      banner(false);
      tellSession(answer);
      if (told && (answer.ok || told.code === "clash")) accept(told, sent, shown);
      else refuse(answer.status, told || {});
    }
  }

  function retry() {
    journal();
    retrying();
    clearTimeout(timer);
    timer = setTimeout(send, RETRY[Math.min(tries++, RETRY.length - 1)]);
  }

  function tellSession(answer) {
    const seconds = Number(answer.headers.get("X-Session-Seconds"));
    if (seconds) document.dispatchEvent(new CustomEvent("jb:session", { detail: { seconds } }));
  }

  function accept(told, sent, shown) {
    waiting = false;
    const clashes = told.clashes || [];
    const taken = told.taken || [];
    const open = new Set([...clashes, ...taken].map((one) => one.key));
    const before = (field) => held.get(field) ?? shown;
    const bases = new Map([...open].map((field) => [field, before(field)]));
    const unsure = new Set(clashes.map((one) => one.key));
    const old = confirmed;
    confirmed = { ...sent };
    for (const name of Object.keys({ ...old, ...sent })) {
      if (!unsure.has(fieldOf(form, name))) continue;
      if (old[name]) confirmed[name] = old[name];
      else delete confirmed[name];
    }
    const version = form.querySelector("[name=version]");
    if (version && told.version !== undefined) version.value = told.version;
    for (const field of [...held.keys()]) if (!open.has(field)) held.delete(field);
    pending.clear();
    for (const one of taken) {
      held.set(one.key, bases.get(one.key));
      pending.set(one.key, one);
      take(one.key, sent);
    }
    for (const panel of form.querySelectorAll("[data-clash]")) if (!unsure.has(panel.dataset.clash)) panel.remove();
    for (const one of clashes) {
      held.set(one.key, bases.get(one.key));
      ask(form, one, (how, text) => settle(one, how, text));
    }
    if (!clashes.length) quiet();
    report(told, taken, clashes);
    form.dispatchEvent(new CustomEvent("jb:saved", { bubbles: true, detail: told }));
    journal();
    if (differing(values(form), sent).some((name) => !same(values(form)[name], confirmed[name]))) plan();
  }

  /** Put in what somebody else saved, unless its input is being used; then when it is left. */
  function take(field, sent) {
    const one = pending.get(field);
    placing = true;
    const done = adopt(form, field, one.html, sent);
    placing = false;
    if (!done) return;
    pending.delete(field);
    held.delete(field);
    settled(field);
    merged(field, one);
  }

  /** The page shows the server's value of this field. */
  function settled(field) {
    const now = values(form);
    for (const name of Object.keys({ ...confirmed, ...now })) {
      if (fieldOf(form, name) !== field) continue;
      if (now[name]) confirmed[name] = now[name];
      else delete confirmed[name];
    }
  }

  function settle(clash, how, text) {
    held.delete(clash.key);
    placing = true;
    if (how === "theirs" || how === "both") {
      adopt(form, clash.key, how === "both" ? clash.both : clash.html, {}, { force: true });
    }
    if (how === "text") put(form, clash.key, [text]);
    placing = false;
    if (how === "theirs") settled(clash.key);
    else {
      // Even one's own value unchanged has to be sent: the server holds the other one.
      for (const name of Object.keys(confirmed)) if (fieldOf(form, name) === clash.key) delete confirmed[name];
    }
    journal();
    const input = inputs(form).find((one) => fieldOf(form, one.name) === clash.key);
    if (input) input.focus();
    const left = form.querySelectorAll("[data-clash]").length;
    say(left ? "off" : "ok", left ? `还有 ${left} 处待选择` : "已选择");
    first = 0;
    plan();
  }

  async function refuse(status, told) {
    journal();
    const unsent = { ...pickDirty() };
    stopped = status !== 422; // a value it cannot take: the next change is tried again
    say("off", told.code === "stale" || status === 409 && !told.code ? "与他人的修改冲突" : "没有保存");
    const words = told.message || "服务器没有接受这次保存。您的修改已存在本机，请刷新本页查看原因。";
    if (told.code === "other-person") {
      stopped = false;
      waiting = true;
      otherPerson(words, signIn);
      return;
    }
    if (!told.shut) {
      note(words);
      return;
    }
    await journal();
    locked = true;
    onlyRead(words, told, unsent);
  }

  function pickDirty() {
    const now = values(form);
    return Object.fromEntries(dirty().map((name) => [name, now[name] || []]));
  }

  // The session ------------------------------------------------------------------------------

  const signIn = () => document.dispatchEvent(new CustomEvent("jb:signed-out"));

  function signedOut() {
    const asked = waiting;
    waiting = true;
    journal();
    sessionOver(signIn);
    if (!asked) signIn();
  }

  document.addEventListener("jb:signed-in", () => {
    if (!waiting) return;
    waiting = false;
    quiet();
    send();
  });
  // Signed in again in another tab: found out by trying.
  addEventListener("focus", () => {
    if (waiting && !document.querySelector("dialog[open]")) send();
  });

  // They sign out on purpose: nothing of theirs is kept from now on.
  document.addEventListener("jb:leaving", () => (locked = true));

  // Events -----------------------------------------------------------------------------------

  function changed(pause) {
    if (placing) return;
    if (!composing) journal();
    plan(pause);
  }
  form.addEventListener("compositionstart", () => {
    composing = true;
    clearTimeout(timer);
  });
  form.addEventListener("compositionend", () => {
    composing = false;
    changed();
  });
  form.addEventListener("input", (event) => {
    if (!event.isComposing && !composing) changed();
  });
  form.addEventListener("change", () => changed(LEFT));
  form.addEventListener("focusout", () => {
    composing = false;
    setTimeout(() => {
      for (const field of [...pending.keys()]) take(field, confirmed);
      journal();
    });
  });
  form.addEventListener("submit", async (event) => {
    if (stopped || event.defaultPrevented) return;
    const clash = form.querySelector("[data-clash]");
    if (clash) {
      event.preventDefault();
      clash.focus();
      return;
    }
    if (!dirty().length && !held.size && !sending && navigator.onLine && !waiting) return;
    event.preventDefault();
    if (waiting) {
      signIn();
      return;
    }
    composing = false;
    // Nothing is in use any more: what colleagues saved can be put in.
    if (form.contains(document.activeElement)) document.activeElement.blur();
    while (sending) await new Promise((done) => setTimeout(done, 50));
    await send();
    if (standing() !== "ok" || form.querySelector("[data-clash]") || held.size) return;
    stopped = true;
    form.requestSubmit(event.submitter || undefined);
  });
  addEventListener("online", () => {
    tries = 0;
    if (dirty().length) send();
    else banner(false);
  });
  addEventListener("offline", offline);
  addEventListener("pagehide", () => {
    if (stopped || waiting || sending || composing || !dirty().length) return;
    journal();
    // Whether it arrived is found out on the next visit: what is kept here stays until then.
    post({ keepalive: true }).catch(() => {});
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("jb:closed", () => url && !stopped && send());

  // What an earlier visit could not send -----------------------------------------------------

  const ready = kept(key).then((entry) => {
    if (entry) offer(entry);
    if (url && dirty().length) changed(); // typed before this script ran
  });
  tidy();

  function offer(entry) {
    if (url) older = entry;
    const open = offerBack(form, entry, {
      writable: Boolean(url),
      back: () => restore(entry),
      away: () => {
        older = null;
        journal();
      },
    });
    if (open) return;
    older = null;
    journal();
  }

  /** Put an entry back into the page; answers what has no place there any more. */
  function restore(entry) {
    older = null;
    placing = true;
    const lost = putBack(form, entry.names, (name) => {
      const field = fieldOf(form, name);
      const base = entry.held?.[field] ?? entry.version;
      if (base < number()) held.set(field, base);
    });
    placing = false;
    changed();
    return lost;
  }
}

for (const form of document.querySelectorAll("form[data-autosave], form[data-kept-for]")) start(form);
