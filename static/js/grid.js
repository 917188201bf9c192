// Tables of inputs (.jb-grid): arrows and Enter move between cells, Esc takes the cell back to
// what it was, and a block copied from Excel or WPS is pasted cell by cell.

for (const table of document.querySelectorAll("table.jb-grid")) {
  const rows = () =>
    [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => [
      ...row.querySelectorAll(
        "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea",
      ),
    ]);

  /** Where a control stands: its row among the rows and its column by table cell. */
  function place(control) {
    const all = rows();
    const r = all.findIndex((row) => row.includes(control));
    return { all, r, c: control.closest("td, th").cellIndex, n: all[r].indexOf(control) };
  }

  function move(control, dr, dc) {
    const { all, r, c, n } = place(control);
    let next = null;
    if (dc) next = all[r][n + dc];
    for (let i = r + dr; dr && i >= 0 && i < all.length && !next; i += dr) {
      next = all[i].find((other) => other.closest("td, th").cellIndex === c);
    }
    if (!next) return false;
    next.focus();
    if (next.select) next.select();
    return true;
  }

  table.addEventListener("focusin", (event) => {
    if ("value" in event.target) event.target.dataset.before = event.target.value;
  });

  table.addEventListener("keydown", (event) => {
    const control = event.target;
    if (event.isComposing || !control.matches("input, select, textarea")) return;
    const text = control.matches("input:not([type=number])");
    const start = text && control.selectionStart === 0 && control.selectionEnd <= control.value.length;
    const end = text && control.selectionEnd === control.value.length;
    let moved = false;
    if (event.key === "Enter" && !control.matches("textarea")) {
      event.preventDefault();
      move(control, event.shiftKey ? -1 : 1, 0);
      return;
    }
    if (event.key === "Escape" && control.dataset.before !== undefined) {
      control.value = control.dataset.before;
      control.dispatchEvent(new Event("input", { bubbles: true }));
      event.preventDefault();
      return;
    }
    if (control.matches("select")) return;
    if (event.key === "ArrowDown") moved = move(control, 1, 0);
    else if (event.key === "ArrowUp") moved = move(control, -1, 0);
    else if (event.key === "ArrowLeft" && start) moved = move(control, 0, -1);
    else if (event.key === "ArrowRight" && end) moved = move(control, 0, 1);
    if (moved) event.preventDefault();
  });

  table.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
    if (!/[\t\n]/.test(text)) return;
    const control = event.target;
    if (!control.matches("input, textarea")) return;
    event.preventDefault();
    const { all, r, n } = place(control);
    let written = 0;
    text.split("\n").forEach((line, i) => {
      const row = all[r + i];
      if (!row) return;
      line.split("\t").forEach((value, j) => {
        const cell = row[n + j];
        if (!cell || cell.readOnly || cell.disabled) return;
        if (cell.matches("select")) {
          const option = [...cell.options].find((o) => o.text.trim() === value.trim());
          if (!option) return;
          cell.value = option.value;
        } else {
          cell.value = value.trim();
        }
        cell.dispatchEvent(new Event("input", { bubbles: true }));
        written += 1;
      });
    });
    const said = table.closest("form, section, div").querySelector("[data-grid-said]");
    if (said) said.textContent = `已粘贴 ${written} 格`;
  });
}
