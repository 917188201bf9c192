// A panel meeting by keyboard. In form[data-panel-keys] Ctrl+Enter sends. While a ballot
// (form[data-ballot]) is on the page, a digit outside of text fields and scales chooses the opinion
// of that number. Works on what htmx swaps in, too.

const typing = (target) =>
  target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])") || target.isContentEditable;

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const form = event.target.closest("form[data-panel-keys]");
  if (event.key === "Enter" && event.ctrlKey) {
    const chosen = form || (event.target.closest("form") ? null : document.querySelector("form[data-ballot]"));
    if (chosen) {
      event.preventDefault();
      chosen.requestSubmit();
    }
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  if (typing(event.target) || event.target.closest("form[data-score]")) return;
  const ballot = document.querySelector("form[data-ballot]");
  const choice = ballot && ballot.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
  if (choice) {
    event.preventDefault();
    choice.checked = true;
    choice.focus();
  }
});
