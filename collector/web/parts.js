// SPDX-License-Identifier: Apache-2.0
// Elements and texts. Everything a device or a broker says comes in as text nodes or attribute values, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(el, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === true) el.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) el.setAttribute(name, value);
  }
  for (const child of children.flat(9)) if (child !== null && child !== undefined && child !== false) el.append(child);
  return el;
}

export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// Make the element `old` look like `fresh`, and keep what is the same: focus, selection and plots survive. An element with data-keep is left alone as
// long as the other has the same.
export function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || (old.dataset?.keep ?? "") !== (fresh.dataset?.keep ?? "")) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (fresh.dataset?.keep || old.nodeName === "INPUT") return;
  const a = [...old.childNodes], b = [...fresh.childNodes];
  for (let i = 0; i < b.length; i++) {
    if (i < a.length) morph(a[i], b[i]);
    else old.append(b[i]);
  }
  for (let i = b.length; i < a.length; i++) a[i].remove();
}

// --- texts ---

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const count = (n) => whole.format(n);

// As many digits as a person reads: five, and never an exponent for usual sizes.
export function number(x) {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e9 || size < 1e-4) return x.toExponential(3);
  return String(Number(x.toPrecision(size >= 1e5 ? 9 : 5))).replace(/^-/, "−");
}

export function rate(x) {
  return x > 0 && x < 0.005 ? "< 0.01" : x >= 100 ? count(x) : x >= 10 ? x.toFixed(1) : x.toFixed(x > 0 && x < 0.1 ? 2 : 1);
}

// Never rounded up to 100 %: what is not all is less than all.
export function percent(x) {
  if (x === null || x === undefined) return "–";
  if (x >= 1) return "100 %";
  return Math.min(99.9, x * 100).toFixed(1) + " %";
}

export function duration(s) {
  if (s === null || s === undefined) return "–";
  const sign = s < 0 ? "−" : "", t = Math.abs(s);
  if (t < 120) return `${sign}${Math.round(t)} s`;
  if (t < 7200) return `${sign}${Math.round(t / 60)} min`;
  if (t < 172800) return `${sign}${(t / 3600).toFixed(1)} h`;
  return `${sign}${Math.round(t / 86400)} d`;
}

export const windowLength = (wl) => (wl % 3600 === 0 ? `${wl / 3600} h` : wl % 60 === 0 ? `${wl / 60} min` : `${wl} s`);

const two = (n) => String(n).padStart(2, "0");

export function clock(t, withSeconds = true) {
  const d = new Date(t * 1000);
  return `${two(d.getHours())}:${two(d.getMinutes())}${withSeconds ? ":" + two(d.getSeconds()) : ""}`;
}

export function day(t) {
  const d = new Date(t * 1000);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

export const moment = (t) => (t ? `${day(t)} ${clock(t)}` : "–");

const units = { Cel: "°C", "1": "", "[ppm]": "ppm", m2: "m²", "m/s2": "m/s²" };
export const unit = (code) => units[code] ?? code;

export const withUnit = (x, code) => (unit(code) && x !== null ? `${number(x)} ${unit(code)}` : number(x));
export const plural = (n, one, many = one + "s") => `${count(n)} ${n === 1 ? one : many}`;

// A long name may break at its underscores.
export const breakable = (name) => name.split("_").flatMap((word, i) => (i ? ["_", h("wbr"), word] : [word]));

export const link = (...path) => "#/" + path.map(encodeURIComponent).join("/");
