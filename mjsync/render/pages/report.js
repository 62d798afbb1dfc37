"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const changes = [...document.querySelectorAll(".change")];
  const search = $("search");
  if (!search) return;

  const inflate = async (packed) => {
    const bytes = Uint8Array.from(atob(packed.textContent), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const body = document.createElement("template");
    body.innerHTML = await new Response(stream).text();
    packed.replaceWith(body.content);
  };
  const unpacking = new Map();
  const unpack = (change) => {
    const packed = change.querySelector(":scope > .packed");
    if (packed && !unpacking.has(change)) unpacking.set(change, inflate(packed));
    return unpacking.get(change);
  };
  const open = async (change) => { await unpack(change); change.open = true; };

  const words = new Map();
  const text = (change) => {
    if (!words.has(change)) words.set(change, change.textContent.toLowerCase());
    return words.get(change);
  };
  const filter = async () => {
    if (search.value) await Promise.all(changes.map(unpack));
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const change of changes) {
      change.hidden = !wanted.every((word) => text(change).includes(word));
      found += !change.hidden;
    }
    $("found").textContent = wanted.length ? `${found} of ${changes.length} changes` : "";
  };
  const show = () => {
    const change = location.hash && $(location.hash.slice(1));
    if (change && change.matches(".change")) open(change);
  };

  for (const change of changes) change.addEventListener("toggle", () => { if (change.open) unpack(change); });
  search.addEventListener("input", filter);
  $("open").addEventListener("click", () => changes.filter((change) => !change.hidden).forEach(open));
  $("close").addEventListener("click", () => changes.forEach((change) => { change.open = false; }));
  $("theme").addEventListener("change", (event) => { document.documentElement.dataset.theme = event.target.value; });
  document.addEventListener("input", (event) => {
    if (event.target.matches(".mixer")) {
      event.target.closest(".mail").style.setProperty("--mix", event.target.value / 100);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.matches("input, select")) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && event.target === search) { search.value = ""; filter(); }
  });
  addEventListener("hashchange", show);
  show();
})();
