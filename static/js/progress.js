// Follows a piece of work on the server. [data-progress="address"] holds a <progress> and a line
// [data-progress-words]; the address answers {open, done, total, words}. When the work has ended
// the page is loaded again, so that what can be done next stands there. Without this script the
// page refreshes itself.

const EVERY = 2000;
const MOST = 15000;

for (const box of document.querySelectorAll("[data-progress]")) {
  const bar = box.querySelector("progress");
  const line = box.querySelector("[data-progress-words]");
  let pause = EVERY;

  const look = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.ok) {
        location.reload();
        return;
      }
      const now = await answer.json();
      if (!now.open) {
        location.reload();
        return;
      }
      if (line && line.textContent !== now.words) line.textContent = now.words;
      if (bar && now.total) {
        bar.max = now.total;
        bar.value = now.done;
      }
      pause = EVERY;
    } catch {
      if (line) line.textContent = "网络暂时不通，恢复后自动继续；工作在服务器上进行，不受影响。";
      pause = Math.min(pause * 2, MOST);
    }
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
