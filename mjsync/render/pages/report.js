"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const changes = [...document.querySelectorAll(".change")];
  const actions = [...document.querySelectorAll("[data-action]")];
  const search = $("search");
  if (!search) return;

  const inflating = new Map();
  const inflate = (packed) => {
    const signs = atob(packed.textContent);
    const bytes = new Uint8Array(signs.length);
    for (let at = 0; at < signs.length; at++) bytes[at] = signs.charCodeAt(at);
    return new Response(new Response(bytes).body.pipeThrough(new DecompressionStream("deflate-raw"))).text();
  };
  const markup = (change) => {
    const packed = change.querySelector(":scope > .packed");
    if (packed && !inflating.has(change)) inflating.set(change, inflate(packed));
    return inflating.get(change);
  };
  const unpack = async (change) => {
    const body = document.createElement("template");
    body.innerHTML = await markup(change) ?? "";
    change.querySelector(":scope > .packed")?.replaceWith(body.content);
    for (const stage of change.querySelectorAll(".stage")) seen.observe(stage);
  };
  const open = async (change) => { await unpack(change); change.open = true; };

  // A frame that can run nothing tells nobody how tall its mail is. A second one, as unable to run, load or leave, but of
  // this page's origin, is laid out at the same width, measured, and thrown away.
  const heights = new WeakMap();
  const height = (frame) => {
    const known = heights.get(frame) ?? new Map();
    heights.set(frame, known);
    if (!known.has(frame.clientWidth)) known.set(frame.clientWidth, measure(frame));
    return known.get(frame.clientWidth);
  };
  const measure = async (frame) => {
    const probe = document.createElement("iframe");
    probe.sandbox = "allow-same-origin";
    probe.className = "probe";
    probe.style.width = `${frame.clientWidth}px`;
    probe.srcdoc = frame.srcdoc;
    await new Promise((ready) => { probe.onload = ready; frame.closest(".stage").append(probe); });
    const tall = probe.contentDocument?.documentElement?.scrollHeight ?? 0;
    probe.remove();
    return tall;
  };
  const fit = async (stage) => {
    const frames = [...stage.querySelectorAll("iframe:not(.probe)")].filter((frame) => frame.clientWidth);
    const tallest = Math.max(0, ...await Promise.all(frames.map(height)));
    if (tallest) stage.style.setProperty("--height", `${Math.min(Math.max(tallest, 120), 6000)}px`);
  };
  const reveal = (stage) => {
    for (const frame of stage.querySelectorAll("template")) frame.replaceWith(frame.content);
    return fit(stage);
  };
  // A frame costs more than all else on the page: it is made when somebody looks at it.
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) { seen.unobserve(target); reveal(target); }
  }, { rootMargin: "300px" });

  const signs = { amp: "&", lt: "<", gt: ">", "#34": '"', "#39": "'" };
  const plain = (text) => text.replace(/ srcdoc="[^"]*"/g, "").replace(/<[^>]*>/g, "")
    .replace(/&(amp|lt|gt|#34|#39);/g, (_, sign) => signs[sign]);
  const words = new Map();
  const read = async (change) => {
    if (words.has(change)) return;
    const packed = change.querySelector(":scope > .packed");
    const shown = packed ? change.firstElementChild.textContent + plain(await markup(change)) : change.textContent;
    words.set(change, shown.toLowerCase());
  };
  const filter = async () => {
    if (search.value) await Promise.all(changes.map(read));
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = actions.filter((button) => button.ariaPressed === "true").map((button) => button.dataset.action);
    let found = 0;
    for (const change of changes) {
      const fits = !kept.length || kept.some((action) => change.classList.contains(action));
      change.hidden = !(fits && wanted.every((word) => words.get(change).includes(word)));
      found += !change.hidden;
    }
    $("found").textContent = wanted.length || kept.length ? `${found} of ${changes.length} changes` : "";
  };
  const show = async () => {
    const change = location.hash && $(location.hash.slice(1));
    if (change && change.matches(".change")) { change.hidden = false; await open(change); change.scrollIntoView(); }
  };
  const step = (by) => {
    const lines = changes.filter((change) => !change.hidden).map((change) => change.firstElementChild);
    const here = lines.findIndex((line) => line.parentElement.contains(document.activeElement));
    const line = lines[here < 0 ? (by > 0 ? 0 : lines.length - 1) : here + by];
    if (line) { line.focus(); line.scrollIntoView({ block: "nearest" }); }
  };

  for (const change of changes) change.addEventListener("toggle", () => { if (change.open) unpack(change); });
  for (const button of actions) {
    button.addEventListener("click", () => { button.ariaPressed = String(button.ariaPressed !== "true"); filter(); });
  }
  search.addEventListener("input", filter);
  $("open").addEventListener("click", () => changes.filter((change) => !change.hidden).forEach(open));
  $("close").addEventListener("click", () => changes.forEach((change) => { change.open = false; }));
  $("theme").addEventListener("change", (event) => { document.documentElement.dataset.theme = event.target.value; });
  document.addEventListener("input", (event) => {
    const mail = event.target.closest(".mail");
    if (event.target.matches(".mixer")) mail.style.setProperty("--mix", event.target.value / 100);
    else if (mail) fit(mail.querySelector(".stage"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === search) { search.value = ""; filter(); }
    if (event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  });
  addEventListener("hashchange", show);
  addEventListener("beforeprint", () => document.querySelectorAll(".change[open] .stage").forEach(reveal));
  show();
})();
