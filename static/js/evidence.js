// The page of evidence beside the indicators ([data-viewer]): links with data-evidence and
// data-page, 上一页 and 下一页 (data-turn), and the keys E, [ and ] turn it in place, so that nothing
// typed is left. Without this module each of them is a link.

const box = document.querySelector("[data-viewer]");
if (box) {
  const picture = box.querySelector("[data-viewed]");

  function show(file, wanted) {
    const row = document.querySelector(`tr[data-file="${CSS.escape(file)}"]`);
    const pages = Number(row?.dataset.pages || 0);
    if (!pages) return false;
    const page = Math.min(Math.max(Number(wanted), 1), pages);
    picture.src = `${row.dataset.pictures.replace(/0\/$/, `${page}/`)}?w=1280`;
    picture.alt = `${row.dataset.name} 第 ${page} 页`;
    picture.dataset.file = file;
    picture.dataset.page = String(page);
    box.querySelector("[data-viewed-name]").textContent = row.dataset.name;
    box.querySelector("[data-viewed-page]").textContent = `第 ${page} 页 / 共 ${pages} 页`;
    for (const link of document.querySelectorAll("a[data-evidence]")) {
      const here = link.dataset.evidence === file && Number(link.dataset.page) === page;
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.closest("tr").classList.toggle("is-picked", here);
    }
    return true;
  }

  const turn = (by) => show(picture.dataset.file, Number(picture.dataset.page) + by);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-evidence], a[data-turn]");
    if (!link) return;
    const done = link.dataset.turn
      ? turn(Number(link.dataset.turn))
      : show(link.dataset.evidence, link.dataset.page);
    if (!done) return;
    event.preventDefault();
    box.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("textarea, select, input:not([type=radio])")) return;
    if (event.key === "[") turn(-1);
    else if (event.key === "]") turn(1);
    else if (event.key.toLowerCase() === "e") box.focus();
  });
  show(picture.dataset.file, picture.dataset.page);
}
