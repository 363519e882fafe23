// SPDX-License-Identifier: Apache-2.0
// One fleet KPI: over an hour or a year, with what it is made of.
import { h, count, number, percent, clock, moment, link, unit, withUnit, windowLength, plural } from "./parts.js";
import { plot } from "./plot.js";
import { stateText, stateMark, headline, points, cover, setWidths } from "./fleet.js";

export const SPANS = [["1h", 3600], ["6h", 21600], ["24h", 86400], ["7d", 604800], ["30d", 2592000], ["1y", 31536000]];

export const title = (context) => context.path[2] || "KPI";
export const every = () => 5000;
export const span = (context) => (SPANS.find(([key]) => key === context.choices.span) || SPANS[0])[1];

export async function load(context) {
  const [, site, name] = context.path, s = span(context), from = Math.floor(Date.now() / 1000 - s);
  const [fleet, history] = await Promise.all([context.ask("api/fleet"), context.ask("api/history", { site, name, from, points: 500 })]);
  const k = fleet.kpis.find((x) => x.site === site && x.name === name);
  return { now: fleet.now, from, history, k, fleet, sites: null };
}

export const spans = (context) => h("span", { class: "choices", role: "group", "aria-label": "How far back" }, SPANS.map(([key, s]) => h("button", { "data-set": `span=${key}`, "aria-pressed": String(s === span(context)) }, key)));

const fact = (key, value) => [h("dt", null, key), h("dd", null, value)];

function worst(site, k) {
  const s = k.spread;
  if (!s) return null;
  return h("section", { class: "card" }, h("h2", null, "Over the devices"), h("dl", { class: "list" }, fact("lowest", withUnit(s.min, k.unit)), fact("median", withUnit(s.median, k.unit)), fact("highest", withUnit(s.max, k.unit)),
    s.worst.length ? fact("farthest", s.worst.map((w, i) => [i ? ", " : "", h("a", { href: link("device", site, w.device) }, w.device), ` ${number(w.value)}`])) : null));
}

function numbers(d) {
  const { k } = d, shown = k.settled || k.newest;
  return h("div", { class: "columns" },
    h("section", { class: "card" }, h("h2", null, "What it is"), h("dl", { class: "list" }, fact("expression", h("code", null, k.expression || "no device has it now")), fact("unit", unit(shown.unit) || "1"), fact("window", windowLength(shown.wl)),
      fact("devices", plural(k.devices, "device has", "devices have") + " it"), fact("streams", k.streams.join(", ") || "–"), k.definitions > 1 ? fact("definitions", h("span", { class: "is-warn" }, `${k.definitions}; that of most devices counts`)) : null)),
    h("section", { class: "card" }, h("h2", null, "Newest window that is done"), h("dl", { class: "list" }, fact("began", moment(shown.w0)), fact("value", withUnit(shown.value, shown.unit)), fact("samples", shown.expected ? `${count(shown.n)} of ${count(shown.expected)}` : count(shown.n)),
      fact("coverage", percent(shown.coverage)), fact("devices", `${count(shown.devices)} of ${count(shown.expected_devices)} reported`), fact("state", stateText(shown)), fact("version", shown.version))),
    worst(k.site, shown));
}

function table(d) {
  const rows = points(d.history).slice(-30).reverse();
  return [h("h2", null, "The newest windows"), h("div", { class: "scroll" }, h("table", null, h("caption", null, "The newest windows"), h("thead", null, h("tr", null, ["From", "Value", "Coverage", "Devices"].map((t, i) => h("th", { scope: "col", class: i === 1 ? "right" : null }, t)))),
    h("tbody", null, rows.map((p) => h("tr", null, h("th", { scope: "row" }, d.now - p.t > 86400 ? moment(p.t) : clock(p.t, d.history.step < 60)), h("td", { class: "right" }, withUnit(p.v, d.history.unit)), h("td", null, cover(p.c)), h("td", null, p.note))))))];
}

export function show(context, d) {
  const { k } = d, [, site, name] = context.path, shown = k ? headline(k) : null;
  return [h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Fleet"), ` / ${site}`),
    h("h1", null, name, shown ? h("small", { class: `state ${stateMark(shown)}` }, stateText(shown)) : null),
    shown ? h("p", { class: "big" }, number(shown.value), h("small", null, unit(shown.unit))) : null,
    h("div", { class: "bar" }, spans(context), d.history.step > d.history.wl ? h("span", { class: "quiet" }, `${count(d.history.step / d.history.wl)} windows a point: the last, with the lowest and highest`) : null),
    h("section", { class: "card" }, h("figure", { class: "plot", "data-keep": `big ${site}/${name}` }),
      h("ul", { class: "key" }, h("li", null, h("i", { class: "k-line" }), "fleet"), d.history.rows.some((row) => row[8] !== null) ? h("li", null, h("i", { class: "k-spread" }), "lowest to highest device") : null, h("li", null, h("i", { class: "k-gap" }), "not fully covered"), h("li", null, h("i", { class: "k-open" }), "may still change"))),
    k ? [h("h2", null, "Numbers"), numbers(d)] : null, table(d)];
}

export function after(context, d, main) {
  setWidths(main);
  plot(main.querySelector("figure"), points(d.history), { name: context.path[2], unit: d.history.unit, step: d.history.step, height: innerWidth < 640 ? 220 : 300, from: d.history.rows.length ? Math.max(d.from, d.history.rows[0][0]) : d.from, to: d.now, spread: true, empty: "nothing was told in this time" });
}
