// Finds what changed between the two sides of a mail, block by block, and outlines it in both. The mails are parsed for
// that, not run or shown: a parsed document loads nothing.
const BLOCKS = "address, article, aside, blockquote, body, caption, center, dd, div, dl, dt, footer, h1, h2, h3, h4, h5, h6, "
  + "header, hr, img, li, main, nav, ol, p, pre, section, table, tbody, td, tfoot, th, thead, tr, ul";
const OUTLINES = { changed: "solid #b26a00", added: "double #1a7f37", removed: "dashed #c62828", moved: "dotted #1565c0" };
const MOST_PAIRS = 4e6; // of blocks that are compared
const countActive = (html) => html.match(/<\/?(?:script|link|base|meta|i?frame|frameset|object|embed|applet|form|portal|fencedframe|noscript)(?![\w-])/gi)?.length ?? 0;

// The start tag of an element and what is in it, without the blocks in it; the addresses of links are not seen in a mail.
const tagOf = (element) => {
  const copy = element.cloneNode();
  copy.removeAttribute("href");
  return copy.outerHTML;
};
const inside = (node) => [...node.childNodes].map((child) => {
  if (child.nodeType === Node.TEXT_NODE) return child.data;
  return child.nodeType !== Node.ELEMENT_NODE || child.matches(BLOCKS) ? "" : tagOf(child) + inside(child);
}).join("");
const blocksOf = (mail) => [...mail.querySelectorAll(BLOCKS)].map((element) => {
  const content = inside(element).replace(/\s+/g, " ").trim();
  return { element, key: `${tagOf(element)} ${content}`, isSeen: content !== "" || element.matches("img, hr"), mark: "" };
});

// Pairs equal blocks in their order, as much content as possible. Returns the runs of blocks between these pairs.
const unequalRuns = (left, right) => {
  let head = 0;
  let tail = 0;
  while (head < Math.min(left.length, right.length) && left[head].key === right[head].key) head++;
  const most = Math.min(left.length, right.length) - head;
  while (tail < most && left.at(-1 - tail).key === right.at(-1 - tail).key) tail++;
  const [old, now] = [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
  if (old.length * now.length > MOST_PAIRS) return null;
  const wide = now.length + 1;
  const best = new Uint32Array((old.length + 1) * wide);
  for (let a = old.length - 1; a >= 0; a--) {
    for (let b = now.length - 1; b >= 0; b--) {
      best[a * wide + b] = old[a].key === now[b].key ? best[(a + 1) * wide + b + 1] + old[a].key.length
        : Math.max(best[(a + 1) * wide + b], best[a * wide + b + 1]);
    }
  }
  const runs = [[[], []]];
  for (let a = 0, b = 0; a < old.length || b < now.length;) {
    if (a < old.length && b < now.length && old[a].key === now[b].key) { a++; b++; runs.push([[], []]); }
    else if (b === now.length || (a < old.length && best[(a + 1) * wide + b] >= best[a * wide + b + 1])) runs.at(-1)[0].push(old[a++]);
    else runs.at(-1)[1].push(now[b++]);
  }
  return runs;
};

const markRuns = (runs) => {
  const added = runs.flatMap(([, now]) => now).filter((block) => block.isSeen);
  for (const block of runs.flatMap(([old]) => old).filter((each) => each.isSeen)) {
    const partner = added.find((each) => each.key === block.key && !each.mark);
    if (partner) partner.mark = block.mark = "moved";
  }
  for (const [old, now] of runs) {
    for (const block of old.filter((each) => !each.mark)) {
      const partner = now.find((each) => !each.mark && each.element.tagName === block.element.tagName);
      if (partner) partner.mark = block.mark = "changed";
      else if (block.isSeen) block.mark = "removed";
    }
    for (const block of now) if (!block.mark && block.isSeen) block.mark = "added";
  }
};

// Returns both documents with outlines, and how many blocks have which mark; null where they cannot be compared.
const markChanges = (before, after) => {
  const mails = [before, after].map((html) => new DOMParser().parseFromString(html, "text/html"));
  const blocks = mails.map(blocksOf);
  const runs = unequalRuns(...blocks);
  if (!runs) return null;
  markRuns(runs);
  const counts = {};
  for (const { element, mark } of blocks.flat().filter((block) => block.mark)) {
    element.style.setProperty("outline", `3px ${OUTLINES[mark]}`, "important");
    element.style.setProperty("outline-offset", "-3px", "important");
    if (element.ownerDocument === mails[1] || mark === "removed") counts[mark] = (counts[mark] ?? 0) + 1;
  }
  const styles = mails.map((mail) => [...mail.querySelectorAll("style")].map((style) => style.textContent).join());
  if (styles[0] !== styles[1]) counts.restyled = 1;
  const marked = mails.map((mail) => mail.documentElement.outerHTML);
  // Written and parsed again, nothing may become an element that it was not.
  const isSafe = marked.every((html, side) => countActive(html) <= countActive([before, after][side]));
  return isSafe ? { before: marked[0], after: marked[1], counts } : null;
};
