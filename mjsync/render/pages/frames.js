"use strict";
// Measures how high the mail in a sandboxed frame is. A frame that runs nothing cannot report its height, so a second
// one is laid out at the same width, measured and removed: it runs and loads nothing either, but has the page's origin.
const frameHeights = new WeakMap();
const measureFrame = async (frame) => {
  const probe = document.createElement("iframe");
  probe.sandbox = "allow-same-origin";
  probe.className = "probe";
  probe.style.width = `${frame.clientWidth}px`;
  probe.srcdoc = frame.srcdoc;
  await new Promise((ready) => { probe.onload = ready; frame.closest(".stage").append(probe); });
  const height = probe.contentDocument?.documentElement?.scrollHeight ?? 0;
  probe.remove();
  return height;
};
const frameHeight = (frame) => {
  const known = frameHeights.get(frame) ?? new Map();
  frameHeights.set(frame, known);
  if (!known.has(frame.clientWidth)) known.set(frame.clientWidth, measureFrame(frame));
  return known.get(frame.clientWidth);
};
const fitStage = async (stage) => {
  const frames = [...stage.querySelectorAll("iframe:not(.probe)")].filter((frame) => frame.clientWidth);
  const tallest = Math.max(0, ...await Promise.all(frames.map(frameHeight)));
  if (tallest) stage.style.setProperty("--height", `${Math.min(Math.max(tallest, 120), 6000)}px`);
};
