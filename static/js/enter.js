// The one-time demo link: the page that names the person is passed at once; without this script
// its button does the same. The link is taken by a post, never by merely opening it.

const form = document.querySelector("form[data-enter]");
if (form) form.requestSubmit();
