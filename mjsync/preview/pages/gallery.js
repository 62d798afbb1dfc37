"use strict";
// Fits frames to their mails, fills them with entered values, searches, and reloads the page when a file was saved.
(() => {
  const POLL = 500; // milliseconds
  const shown = document.documentElement.dataset.revision;
  const fitAll = () => { for (const stage of document.querySelectorAll(".stage")) if (stage.offsetParent) fitStage(stage); };

  for (const choice of document.querySelectorAll("input[type=radio]")) {
    if (sessionStorage.getItem(choice.name) === choice.value) choice.checked = true;
    choice.addEventListener("change", () => { sessionStorage.setItem(choice.name, choice.value); fitAll(); });
  }

  const search = document.getElementById("search");
  const found = [...document.querySelectorAll("nav li.group, .wall > li")];
  search.value = sessionStorage.getItem("search") ?? "";
  const filter = () => {
    sessionStorage.setItem("search", search.value);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const each of found) each.hidden = !words.every((word) => each.textContent.toLowerCase().includes(word));
  };
  search.addEventListener("input", filter);

  // A chosen test case brings values of its own; they are put into the fields, so that the focus stays where it is.
  const show = async (form, chosen) => {
    const query = `?${new URLSearchParams(chosen ? { case: chosen.value } : new FormData(form))}`;
    const answer = await fetch(query);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelectorAll("[data-live]");
    document.querySelectorAll("[data-live]").forEach((old, place) => { if (next[place]) old.replaceWith(next[place]); });
    if (chosen) for (const field of page.querySelector("form.values").elements) if (field.name) form.elements[field.name].value = field.value;
    history.replaceState(null, "", query);
    fitAll();
  };
  for (const form of document.querySelectorAll("form.values")) {
    let waiting = 0;
    form.addEventListener("input", (event) => {
      clearTimeout(waiting);
      if (event.target.name === "case") show(form, event.target);
      else waiting = setTimeout(show, 250, form);
    });
    form.addEventListener("submit", (event) => { event.preventDefault(); show(form); });
  }

  const step = (by) => {
    const links = found.filter((each) => !each.hidden && each.offsetParent).map((each) => each.querySelector("a"));
    const here = links.indexOf(document.activeElement);
    links[here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by]?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === search) { search.value = ""; filter(); }
    if (event.target.matches("input:not([type=radio]), select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  });

  const look = async () => {
    try {
      const answer = await fetch("/revision");
      if (answer.ok && (await answer.text()) !== shown) return location.reload();
      document.body.classList.remove("ended");
    } catch {
      document.body.classList.add("ended");
    }
    setTimeout(look, POLL);
  };

  filter();
  fitAll();
  addEventListener("resize", fitAll);
  look();
})();
