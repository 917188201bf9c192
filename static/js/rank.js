// A ranked list: rows of [data-rank-list] move by the buttons data-move="-1|1" (and by Alt+arrow
// on the row); the number is rewritten, the hidden inputs name the order in their sequence,
// and the move is said aloud in [data-rank-said]. Without this script the buttons submit.

for (const list of document.querySelectorAll("[data-rank-list]")) {
  const form = list.closest("form");
  const said = document.querySelector("[data-rank-said]");
  const rows = () => [...list.querySelectorAll(":scope > [data-rank-row]")];

  function renumber() {
    let reserve = 0;
    let place = 0;
    for (const row of list.children) {
      if (row.matches(".jb-cut")) reserve = 1;
      if (!row.matches("[data-rank-row]")) continue;
      const shown = row.querySelector(".jb-rank");
      if (shown) shown.textContent = reserve ? `备${reserve++}` : ++place;
      row.classList.toggle("jb-reserve", Boolean(reserve));
    }
  }

  function move(row, by, focus) {
    const all = rows();
    const other = all[all.indexOf(row) + by];
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    renumber();
    if (focus && focus.isConnected) focus.focus();
    if (said) said.textContent = `《${row.dataset.title || ""}》现为第 ${rows().indexOf(row) + 1} 位`;
    if (form) form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    move(button.closest("[data-rank-row]"), Number(button.dataset.move), button);
  });
  list.addEventListener("keydown", (event) => {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const row = event.target.closest("[data-rank-row]");
    if (!row) return;
    event.preventDefault();
    move(row, event.key === "ArrowUp" ? -1 : 1, event.target);
  });
}
