// Acts that cannot be undone ask first. form[data-confirm="question"] shows the question in a
// dialog; with data-confirm-word the person types that word before the button works.

for (const form of document.querySelectorAll("form[data-confirm]")) {
  let agreed = false;
  form.addEventListener("submit", (event) => {
    if (agreed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, event.submitter, () => {
      agreed = true;
      form.requestSubmit(event.submitter || undefined);
    });
  }, true);
}

function ask(form, submitter, go) {
  const dialog = document.createElement("dialog");
  dialog.className = "jb-dialog jb-flow";
  const question = document.createElement("p");
  question.textContent = form.dataset.confirm;
  const inner = document.createElement("form");
  inner.method = "dialog";
  inner.className = "jb-flow";
  const word = form.dataset.confirmWord;
  let field = null;
  if (word) {
    const label = document.createElement("label");
    label.className = "form-label";
    label.textContent = `请输入“${word}”`;
    field = document.createElement("input");
    field.className = "form-control";
    field.autocomplete = "off";
    label.append(field);
    inner.append(label);
  }
  const why = document.createElement("span");
  why.className = "jb-btn-why";
  why.setAttribute("role", "status");
  const yes = document.createElement("button");
  yes.className = "btn btn-primary";
  yes.type = "submit";
  yes.textContent = (submitter && submitter.textContent.trim()) || "继续";
  const no = document.createElement("button");
  no.className = "btn";
  no.type = "button";
  no.textContent = "取消";
  no.addEventListener("click", () => dialog.close());
  const row = document.createElement("p");
  row.className = "jb-row";
  row.append(yes, no, why);
  inner.append(row);
  inner.addEventListener("submit", (event) => {
    event.stopPropagation();
    if (field && field.value.trim() !== word) {
      event.preventDefault();
      why.textContent = `与“${word}”不一致`;
      field.focus();
      return;
    }
    dialog.close();
    go();
  });
  dialog.append(question, inner);
  dialog.setAttribute("aria-label", "确认");
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (submitter) submitter.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  (field || yes).focus();
}
