"use strict";
// Loads the page again when a file of the project was saved, and keeps what was chosen while doing so.

const POLL = 500; // milliseconds
const shown = document.documentElement.dataset.revision;

for (const choice of document.querySelectorAll("input[type=radio]")) {
  if (sessionStorage.getItem(choice.name) === choice.value) choice.checked = true;
  choice.addEventListener("change", () => sessionStorage.setItem(choice.name, choice.value));
}

async function look() {
  try {
    const answer = await fetch("/revision");
    if (answer.ok && (await answer.text()) !== shown) return location.reload();
    document.body.classList.remove("ended");
  } catch {
    document.body.classList.add("ended");
  }
  setTimeout(look, POLL);
}

look();
