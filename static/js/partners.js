// Says at once when a partner that is typed stands in the way of this filing. Expects
// [data-partner-check=url] with data-inputs="table.column …" and an empty list inside; inputs are
// named table-ROW-column. The server decides again at submission.

const box = document.querySelector("[data-partner-check]");

if (box) {
  const list = box.querySelector("ul");
  const said = new Map();
  const tables = box.dataset.inputs.split(" ").map((word) => word.split("."));

  const place = (name) => {
    for (const [table, column] of tables) {
      const match = name.match(new RegExp(`^${table}-(\\d+)-${column}$`));
      if (match) return `${table}-${match[1]}`;
    }
    return "";
  };

  const show = () => {
    list.replaceChildren(
      ...[...said.values()].flat().map((hint) => {
        const item = document.createElement("li");
        item.textContent = hint.rule ? `${hint.words}（${hint.rule}）` : hint.words;
        return item;
      }),
    );
    box.hidden = !list.childElementCount;
  };

  const ask = async (input) => {
    const row = place(input.name);
    if (!row) return;
    const code = input.value.normalize("NFKC").replace(/[\s-]/g, "");
    said.delete(row);
    if (code.length === 18) {
      const name = document.querySelector(`[name="${row}-name"]`);
      const query = new URLSearchParams({ code, name: name ? name.value : "" });
      try {
        const answer = await fetch(`${box.dataset.partnerCheck}?${query}`, { headers: { Accept: "application/json" } });
        if (answer.ok && input.value.normalize("NFKC").replace(/[\s-]/g, "") === code) said.set(row, (await answer.json()).hints);
      } catch {
        // offline: the check page says it
      }
    }
    show();
  };

  document.addEventListener("change", (event) => event.target.matches("input") && ask(event.target));
  for (const input of document.querySelectorAll("input[name]")) if (input.value) ask(input);
}
