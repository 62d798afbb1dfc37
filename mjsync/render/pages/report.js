(() => {
  const $ = (id) => document.getElementById(id);
  const changes = [...document.querySelectorAll(".change")];
  const actions = [...document.querySelectorAll("[data-action]")];
  const search = $("search");
  if (!search) return;

  const inflating = new Map();
  // A packed change is its markup, then a piece of the mail before, one of the mail after, and so on.
  const inflated = (packed) => {
    const signs = atob(packed.textContent);
    const bytes = new Uint8Array(signs.length);
    for (let at = 0; at < signs.length; at++) bytes[at] = signs.charCodeAt(at);
    return new Response(bytes).body.pipeThrough(new DecompressionStream("deflate-raw"));
  };
  const inflate = async (packed) => {
    const [markup, ...pieces] = (await new Response(inflated(packed)).text()).split("\0");
    const side = (parity) => pieces.filter((_, place) => place % 2 === parity).join("");
    return { markup, before: side(0), after: side(1) };
  };
  // The markup alone, which is searched: the mails behind it are several times as long, and stay packed.
  const inflateMarkup = async (packed) => {
    const reader = inflated(packed).pipeThrough(new TextDecoderStream()).getReader();
    let markup = "";
    for (let end = -1; end < 0;) {
      const { done, value = "\0" } = await reader.read();
      end = value.indexOf("\0");
      markup += end < 0 ? value : value.slice(0, end);
      if (!done && end >= 0) reader.cancel();
    }
    return markup;
  };
  const packedIn = (change) => {
    const packed = change.querySelector(":scope > .packed");
    if (packed && !inflating.has(change)) inflating.set(change, inflate(packed));
    return inflating.get(change);
  };
  const mails = new WeakMap();
  const framesOf = (stage) => [...stage.querySelectorAll(".frame")].map((each) => (
    each.querySelector("iframe") ?? each.querySelector("template").content.querySelector("iframe")
  ));
  const bodyOf = async (change) => {
    const unpacked = await packedIn(change);
    const body = document.createElement("template");
    body.innerHTML = unpacked?.markup ?? "";
    for (const stage of body.content.querySelectorAll(".stage")) {
      mails.set(stage, unpacked);
      for (const frame of framesOf(stage)) frame.srcdoc = unpacked[frame.className];
    }
    return body;
  };
  const unpack = async (change) => {
    const body = await bodyOf(change);
    change.querySelector(":scope > .packed")?.replaceWith(body.content);
    for (const stage of change.querySelectorAll(".stage")) seen.observe(stage);
  };
  const open = async (change) => { await unpack(change); change.open = true; };

  // What changed is outlined in the mails, but not where they lie on each other: an outline would be a difference there.
  const outlined = new WeakMap();
  const mark = (stage) => {
    const mail = stage.closest(".mail");
    const legend = mail.querySelector(".legend");
    if (!legend) return;
    const { before, after } = mails.get(stage);
    const isWanted = mail.querySelector(".marker").checked && !mail.querySelector("[value=overlay]:checked, [value=difference]:checked");
    if (isWanted && !outlined.has(stage)) outlined.set(stage, markChanges(before, after));
    const marked = isWanted ? outlined.get(stage) : null;
    for (const frame of framesOf(stage)) {
      const html = (marked ?? { before, after })[frame.className];
      if (frame.srcdoc !== html) frame.srcdoc = html;
    }
    legend.replaceChildren(...legendOf(isWanted, marked));
  };
  const legendOf = (isWanted, marked) => {
    if (!isWanted) return [];
    if (!marked) return ["These mails cannot be compared block by block."];
    const { restyled, ...counts } = marked.counts;
    const found = Object.entries(counts).map(([word, count]) => {
      const key = document.createElement("span");
      key.className = `key ${word}`;
      key.textContent = `${count} ${word}`;
      return key;
    });
    if (restyled) found.push("the styles of the whole mail differ");
    return found.length ? found : ["nothing that is seen differs"];
  };
  const reveal = (stage) => {
    mark(stage); // before the frames are there: each is loaded once
    for (const frame of stage.querySelectorAll("template")) frame.replaceWith(frame.content);
    return fitStage(stage);
  };
  // A frame costs more than all else on the page: it is made when somebody looks at it.
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) { seen.unobserve(target); reveal(target); }
  }, { rootMargin: "300px" });

  // The small pictures of a closed change are scaled frames of the same kind, made when they come into view.
  const picture = async (thumbs) => {
    const body = await bodyOf(thumbs.closest(".change"));
    for (const source of framesOf(body.content)) {
      const frame = document.createElement("iframe");
      Object.assign(frame, { sandbox: "", tabIndex: -1, title: source.title, srcdoc: source.srcdoc });
      thumbs.querySelector(`[data-side=${source.className}]`)?.append(frame);
    }
  };
  const glimpsed = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) { glimpsed.unobserve(target); picture(target); }
  }, { rootMargin: "200px" });

  const signs = { amp: "&", lt: "<", gt: ">", "#34": '"', "#39": "'" };
  const plain = (text) => text.replace(/<[^>]*>/g, "")
    .replace(/&(amp|lt|gt|#34|#39);/g, (_, sign) => signs[sign]);
  const words = new Map();
  const read = async (change) => {
    if (words.has(change)) return;
    const packed = change.querySelector(":scope > .packed");
    const shown = packed ? change.firstElementChild.textContent + plain(await inflateMarkup(packed)) : change.textContent;
    words.set(change, shown.toLowerCase());
  };
  const filter = async () => {
    if (search.value) await Promise.all(changes.map(read));
    const sought = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = actions.filter((button) => button.ariaPressed === "true").map((button) => button.dataset.action);
    let found = 0;
    for (const change of changes) {
      const fits = !shown.length || shown.some((action) => change.classList.contains(action));
      change.hidden = !(fits && sought.every((word) => words.get(change).includes(word)));
      found += !change.hidden;
    }
    $("found").textContent = sought.length || shown.length ? `${found} of ${changes.length} changes` : "";
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

  for (const thumbs of document.querySelectorAll(".thumbs")) glimpsed.observe(thumbs);
  for (const change of changes) if (change.open) unpack(change);
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
    else if (mail) {
      mark(mail.querySelector(".stage"));
      fitStage(mail.querySelector(".stage"));
    }
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
