// Server time in the masthead and every deadline clock, ticked from what the server said.
// The visitor's own clock is never trusted: it only tells how long ago the page was made,
// and when the machine has slept the server is asked again (the Date of a small static file).

const shown = document.querySelector("[data-now]");
const clocks = [...document.querySelectorAll(".jb-clock[data-until]")];
let passed = 0; // milliseconds since the server answered
let perf = performance.now();
let wall = Date.now();

const two = (n) => String(n).padStart(2, "0");

/** Calendar parts of an instant in China, which has no summer time. */
function china(ms) {
  const d = new Date(ms + 8 * 3600 * 1000);
  return {
    day: `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日`,
    time: `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`,
  };
}

function parts(pairs) {
  return pairs.flatMap(([figure, word]) => {
    const b = document.createElement("b");
    b.textContent = figure;
    const span = document.createElement("span");
    span.textContent = word;
    return [b, span];
  });
}

function draw(clock) {
  const left = Date.parse(clock.dataset.until) - Date.parse(clock.dataset.from) - passed;
  const value = clock.querySelector(".jb-clock-value");
  const label = clock.querySelector(".jb-clock-label");
  const s = Math.max(Math.floor(left / 1000), 0);
  if (left <= 0) {
    if (clock.dataset.state !== "closed") {
      clock.dataset.state = "closed";
      label.textContent = clock.dataset.label.replace("截止", "") + "已截止";
      const b = document.createElement("b");
      b.textContent = "已截止";
      value.replaceChildren(b);
      clock.dispatchEvent(new CustomEvent("jb:closed", { bubbles: true }));
    }
  } else if (left <= 86400000) {
    clock.dataset.state = "last";
    label.textContent = "最后 24 小时：" + clock.dataset.label;
    value.replaceChildren(
      ...parts([[Math.floor(s / 3600), "小时"], [two(Math.floor((s % 3600) / 60)), "分"], [two(s % 60), "秒"]]),
    );
  } else {
    value.replaceChildren(
      ...parts([
        [Math.floor(s / 86400), "天"],
        [two(Math.floor((s % 86400) / 3600)), "小时"],
        [two(Math.floor((s % 3600) / 60)), "分"],
      ]),
    );
  }
}

function show() {
  if (shown) {
    const now = china(Date.parse(shown.dataset.now) + passed);
    shown.textContent = `${now.day} ${now.time}`;
  }
  clocks.forEach(draw);
}

/** After a sleep: the seconds that passed, from the server's Date header. */
async function ask() {
  const icon = document.querySelector("link[rel=icon]");
  if (!icon || !shown) return;
  try {
    const answer = await fetch(icon.href, { method: "HEAD", cache: "no-store" });
    const date = Date.parse(answer.headers.get("Date"));
    if (date) passed = Math.max(passed, date - Date.parse(shown.dataset.now));
  } catch {
    // offline: go on with what is known
  }
}

if (shown || clocks.length) {
  setInterval(() => {
    const dp = performance.now() - perf;
    const dw = Date.now() - wall;
    perf += dp;
    wall += dw;
    passed += dp;
    if (Math.abs(dw - dp) > 2000 || dp > 5000) ask().then(show);
    show();
  }, 1000);
  show();
}
