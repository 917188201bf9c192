// A ranked list: rows [data-rank-row] can be dragged to another place of the same part of the list;
// what is dropped is sent by the row's own number form (form[data-rank-form]), so that the server
// decides and the page comes back in the new order. Without this script number and buttons do it.

for (const list of document.querySelectorAll("[data-rank-list]")) {
  let dragged = null;
  const part = (row) => row.dataset.part;
  const peers = (row) => [...list.querySelectorAll("[data-rank-row]")].filter((one) => part(one) === part(row));

  for (const row of list.querySelectorAll("[data-rank-row]")) {
    if (!row.querySelector("form[data-rank-form]")) continue;
    const grip = row.querySelector("[data-grip]");
    if (!grip) continue;
    grip.draggable = true;
    grip.addEventListener("dragstart", (event) => {
      dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.key || "");
      row.classList.add("is-picked");
    });
    grip.addEventListener("dragend", () => {
      row.classList.remove("is-picked");
      for (const one of list.querySelectorAll(".is-target")) one.classList.remove("is-target");
      dragged = null;
    });
    row.addEventListener("dragover", (event) => {
      if (!dragged || part(dragged) !== part(row)) return;
      event.preventDefault();
      for (const one of list.querySelectorAll(".is-target")) one.classList.remove("is-target");
      row.classList.add("is-target");
    });
    row.addEventListener("drop", (event) => {
      if (!dragged || part(dragged) !== part(row) || dragged === row) return;
      event.preventDefault();
      const form = dragged.querySelector("form[data-rank-form]");
      form.elements.number.value = peers(row).indexOf(row) + 1;
      form.requestSubmit();
    });
  }
}
