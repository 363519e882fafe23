// SPDX-License-Identifier: Apache-2.0
// One plot: a line over time with what is not covered shaded behind it, its lowest and highest values, and the spread of the devices. Points:
// { t, v, low, high, c (coverage or null), open (may still change), lo, hi (spread), note }. It reads out the point under the pointer, or that of the arrow keys.
import { svg, h, number, clock, day, percent, unit } from "./parts.js";

const LEFT = 46, BOTTOM = 18, TOP = 6, RIGHT = 4;

function niceStep(span, n) {
  const raw = span / n, power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5, 10].find((m) => raw <= m * power * 1.0001) || 10);
}

const TIME_STEPS = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];

function range(points, withSpread) {
  const all = points.flatMap((p) => [p.low ?? p.v, p.high ?? p.v, ...(withSpread ? [p.lo, p.hi] : [])]).filter((v) => v !== null && v !== undefined);
  if (!all.length) return null;
  let low = Math.min(...all), high = Math.max(...all);
  if (low === high) {
    const pad = Math.abs(low) * 0.05 || 1;
    low -= pad;
    high += pad;
  }
  return [low - (high - low) * 0.06, high + (high - low) * 0.06];
}

// Runs of points without a hole: a missing value, or a missing window, is not bridged.
function runs(points, step, has) {
  const out = [];
  let run = [];
  for (const p of points) {
    if (has(p) && run.length && p.t - run[run.length - 1].t > 1.5 * step) {
      out.push(run);
      run = [];
    }
    if (has(p)) run.push(p);
    else if (run.length) {
      out.push(run);
      run = [];
    }
  }
  if (run.length) out.push(run);
  return out;
}

const area = (run, x, top, bottom) =>
  "M" + run.map((p) => `${x(p)} ${top(p)}`).join("L") + "L" + [...run].reverse().map((p) => `${x(p)} ${bottom(p)}`).join("L") + "Z";

function axes(frame, s) {
  const { width, height, from, to, low, high } = frame;
  const step = niceStep(high - low, Math.max(4, (height - TOP - BOTTOM) / 32));
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) {
    const y = Math.round(frame.y(v)) + 0.5;
    s.append(svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y, y2: y }));
    s.append(svg("text", { x: LEFT - 6, y: y + 3.5, "text-anchor": "end" }, number(Number(v.toPrecision(10)))));
  }
  const ticks = Math.max(2, (width - LEFT) / 90), every = TIME_STEPS.find((t) => (to - from) / t <= ticks) || 2592000;
  const shift = new Date(from * 1000).getTimezoneOffset() * 60;
  for (let t = Math.ceil((from - shift) / every) * every + shift; t <= to; t += every) {
    const x = frame.x(t), text = every >= 86400 ? day(t).slice(5) : clock(t, every < 60);
    if (x > LEFT + 8 && x < width - 14) s.append(svg("text", { x, y: height - 4, "text-anchor": "middle" }, text));
  }
}

function draw(state) {
  const { figure, options, points } = state, { step, small } = options;
  const width = Math.max(120, figure.clientWidth), height = options.height;
  const extent = range(points, options.spread && !small);
  if (!extent) {
    const none = h("div", { class: "none" }, points.length ? "windows came, but no valid value" : options.empty || "no values yet");
    none.style.height = `${height}px`;
    figure.replaceChildren(none);
    return;
  }
  const left = small ? 0 : LEFT, bottom = small ? 2 : BOTTOM, right = small ? 3 : RIGHT, top = small ? 4 : TOP;
  const from = options.from ?? points[0].t, to = Math.max(options.to ?? 0, points[points.length - 1].t + step);
  const frame = {
    width, height, from, to, low: extent[0], high: extent[1],
    x: (t) => left + ((t - from) / (to - from)) * (width - left - right),
    y: (v) => top + (1 - (v - extent[0]) / (extent[1] - extent[0])) * (height - top - bottom),
  };
  const middle = (p) => frame.x(p.t + step / 2), at = (key) => (p) => frame.y(p[key] ?? p.v).toFixed(1);
  const s = svg("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": describe(state) });
  const x = (p) => middle(p).toFixed(1);
  for (const p of points) {
    const missing = p.v === null ? 1 : 1 - (p.c ?? 1);
    if (missing < 0.0005) continue;
    const x0 = frame.x(p.t);
    s.append(svg("rect", { class: "gapped", x: x0.toFixed(1), y: top, width: Math.max(1, frame.x(p.t + step) - x0).toFixed(1), height: height - top - bottom, opacity: (0.08 + 0.42 * missing).toFixed(3) }));
  }
  if (!small) axes(frame, s);
  if (options.spread && !small)
    for (const run of runs(points, step, (p) => p.lo !== null && p.lo !== undefined)) s.append(svg("path", { class: "spread", d: area(run, x, at("hi"), at("lo")) }));
  for (const run of runs(points, step, (p) => p.v !== null)) {
    if (run.some((p) => p.low !== p.high)) s.append(svg("path", { class: "band", d: area(run, x, at("high"), at("low")) }));
    s.append(svg("path", { class: "line", d: "M" + run.map((p) => `${x(p)} ${at("v")(p)}`).join("L") }));
    if (run.length === 1) s.append(svg("circle", { class: "dot", cx: x(run[0]), cy: at("v")(run[0]), r: 2 }));
  }
  for (const p of points.slice(-40)) if (p.open && p.v !== null) s.append(svg("circle", { class: "open", cx: x(p), cy: at("v")(p), r: 2.6 }));
  state.frame = frame;
  state.middle = middle;
  state.svg = s;
  figure.replaceChildren(s);
  if (state.at !== null) point(state, state.at);
}

function describe(state) {
  const values = state.points.map((p) => p.v).filter((v) => v !== null), last = values[values.length - 1];
  const partly = state.points.filter((p) => (p.c ?? 1) < 0.9995).length, u = unit(state.options.unit || "1");
  if (!values.length) return `${state.options.name}: no values`;
  return `${state.options.name}: ${values.length} values from ${number(Math.min(...values))} to ${number(Math.max(...values))} ${u}, last ${number(last)} ${u}; ${partly} windows are not fully covered`;
}

// --- reading values out ---

function point(state, i) {
  const { figure, points, frame, options } = state, p = points[i];
  figure.querySelector(".read")?.remove();
  state.svg?.querySelector(".cursor")?.remove();
  state.at = p ? i : null;
  if (!p || !frame) return;
  const x = state.middle(p), u = unit(options.unit || "1");
  state.svg.append(svg("line", { class: "cursor", x1: x, x2: x, y1: 0, y2: frame.height - BOTTOM / 2 }));
  const lines = [h("strong", null, `${number(p.v)} ${p.v === null ? "" : u}`), h("br"), clock(p.t), p.c !== null && p.c !== undefined ? ` · ${percent(p.c)}` : "", p.note ? [h("br"), p.note] : null];
  const box = h("div", { class: "read", role: "status" }, lines);
  figure.append(box);
  const room = frame.width - box.offsetWidth;
  box.style.left = `${Math.max(0, Math.min(room, x + 10 > room ? x - box.offsetWidth - 10 : x + 10))}px`;
}

function nearest(state, clientX) {
  const box = state.svg.getBoundingClientRect(), x = clientX - box.left;
  let best = 0;
  state.points.forEach((p, i) => {
    if (Math.abs(state.middle(p) - x) < Math.abs(state.middle(state.points[best]) - x)) best = i;
  });
  return best;
}

function onKey(state, event) {
  const last = state.points.length - 1, at = state.at ?? last + 1;
  const to = { ArrowLeft: Math.max(0, at - 1), ArrowRight: Math.min(last, at + 1), Home: 0, End: last }[event.key];
  if (event.key === "Escape") point(state, -1);
  if (to === undefined) return;
  event.preventDefault();
  point(state, to);
}

const states = new WeakMap();
const observer = new ResizeObserver((entries) => {
  for (const e of entries) {
    const state = states.get(e.target);
    if (state && state.width !== e.contentRect.width && state.points.length) {
      state.width = e.contentRect.width;
      draw(state);
    }
  }
});

// Draw, or draw again, into `figure` (h("figure", {class: "plot"})).
export function plot(figure, points, options) {
  let state = states.get(figure);
  if (!state) {
    state = { figure, at: null };
    states.set(figure, state);
    figure.addEventListener("pointermove", (e) => state.svg && state.points.length && point(state, nearest(state, e.clientX)));
    figure.addEventListener("pointerleave", () => point(state, -1));
    figure.addEventListener("blur", () => point(state, -1));
    figure.addEventListener("keydown", (e) => state.points.length && onKey(state, e));
    figure.tabIndex = 0;
    observer.observe(figure);
  }
  state.points = points;
  state.options = options;
  draw(state);
}

// A line without axes, for rates.
export function spark(values) {
  const n = values.length, most = Math.max(1, ...values);
  const d = values.map((v, i) => `${((i / Math.max(1, n - 1)) * 100).toFixed(1)} ${(19 - (v / most) * 18).toFixed(1)}`).join("L");
  const s = svg("svg", { class: "spark plot", viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" });
  if (n > 1) s.append(svg("path", { class: "band", d: `M0 20L${d}L100 20Z` }), svg("path", { class: "line", d: "M" + d, "vector-effect": "non-scaling-stroke" }));
  return s;
}
