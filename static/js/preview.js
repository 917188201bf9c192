// A file page by page: the keys and the thumbnails turn the page in place, the address follows.
// Without this module each of them is a link.

const box = document.querySelector("[data-preview]");

if (box) {
  const pages = Number(box.dataset.pages);
  const picture = box.querySelector("[data-large-image]");
  const sheet = box.querySelector(".jb-preview-sheet");
  const said = box.querySelector("[data-now-page]");
  const failed = box.querySelector("[data-failed]");
  const zoom = box.querySelector("[data-zoom]");
  let page = Number(box.dataset.page);
  let large = box.classList.contains("is-large");

  const address = (number) => `${box.dataset.preview}?page=${number}${large ? "&large=1" : ""}`;
  const image = (number) =>
    `${box.dataset.image.replace(/0\/$/, `${number}/`)}?w=${large ? 1920 : 1280}`;

  function show() {
    picture.src = image(page);
    picture.alt = `${box.dataset.name} 第 ${page} 页`;
    said.textContent = `第 ${page} 页 / 共 ${pages} 页`;
    document.title = document.title.replace(/，第 \d+ 页/, `，第 ${page} 页`);
    history.replaceState(null, "", address(page));
    for (const step of box.querySelectorAll("[data-step]")) {
      const to = page + Number(step.dataset.step);
      step.href = address(Math.min(Math.max(to, 1), pages));
      if (to < 1 || to > pages) step.setAttribute("aria-disabled", "true");
      else step.removeAttribute("aria-disabled");
    }
    for (const link of box.querySelectorAll(".jb-preview-strip [data-goto]")) {
      if (Number(link.dataset.goto) === page) {
        link.setAttribute("aria-current", "page");
        link.scrollIntoView({ block: "nearest", inline: "nearest" });
      } else link.removeAttribute("aria-current");
    }
  }

  // A page outside the strip of thumbnails is opened by the server, with its own strip.
  function go(to) {
    const wanted = Math.min(Math.max(to, 1), pages);
    if (wanted === page) return;
    if (!box.querySelector(`.jb-preview-strip [data-goto="${wanted}"]`)) {
      location.assign(address(wanted));
      return;
    }
    page = wanted;
    sheet.scrollTo(0, 0);
    show();
  }

  function enlarge(on) {
    large = on;
    box.classList.toggle("is-large", large);
    zoom.setAttribute("aria-pressed", String(large));
    zoom.textContent = large ? "适合窗口" : "放大";
    show();
  }

  // The next page is fetched while this one is read.
  picture.addEventListener("load", () => {
    failed.hidden = true;
    picture.hidden = false;
    if (page < pages) new Image().src = image(page + 1);
  });
  picture.addEventListener("error", () => {
    failed.hidden = false;
    picture.hidden = true;
  });

  box.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.dataset.step) go(page + Number(link.dataset.step));
    else if (link.dataset.goto) go(Number(link.dataset.goto));
    else if (link === zoom) enlarge(!large);
    else return;
    event.preventDefault();
  });
  zoom.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    enlarge(!large);
  });

  const moves = {
    ArrowLeft: () => go(page - 1),
    ArrowRight: () => go(page + 1),
    PageUp: () => go(page - 1),
    PageDown: () => go(page + 1),
    Home: () => go(1),
    End: () => go(pages),
    "+": () => enlarge(true),
    "=": () => enlarge(true),
    "-": () => enlarge(false),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !moves[event.key]) return;
    const sideways = large && sheet.scrollWidth > sheet.clientWidth;
    if (sideways && event.target === sheet && event.key.startsWith("Arrow")) return;
    event.preventDefault();
    moves[event.key]();
  });
}
