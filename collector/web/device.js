// SPDX-License-Identifier: Apache-2.0
// One device: its chain from sensors to KPIs, and what it measured.
import { h, count, duration, moment, link, unit, windowLength, withUnit, plural } from "./parts.js";
import { plot } from "./plot.js";
import { stateCell } from "./devices.js";
import { spans, span } from "./kpi.js";

export const title = (context) => context.path[2] || "Device";
export const every = () => 5000;

export async function load(context) {
  const [, site, name] = context.path, from = Math.floor(Date.now() / 1000 - span(context));
  return { ...(await context.ask("api/device", { site, name, from })), from, sites: null };
}

const fact = (key, value, mark) => [h("dt", null, key), h("dd", { class: mark ? `is-${mark}` : null }, value)];
const labels = (text) => text.trim().split("\n").filter(Boolean).join(", ");

function summary(d) {
  const spool = d.status?.spool, boot = d.boots[d.boots.length - 1];
  return h("div", { class: "columns" },
    h("section", { class: "card" }, h("h2", null, "Device"), h("dl", { class: "list" }, fact("state", stateCell(d.state)), fact("last message", d.heard ? `${duration(d.now - d.heard)} ago` : "–"), fact("clock", d.clock || "–", d.clock === "waiting" || d.clock === "unsynchronised" ? "warn" : null),
      fact("config revision", count(d.revision)), fact("agent", d.agent || "–"), fact("labels", labels(d.labels) || "–"), fact("memory", d.status?.footprint ? `${(d.status.footprint.max_rss_kib / 1024).toFixed(1)} MiB at most` : "–"))),
    h("section", { class: "card" }, h("h2", null, "Spool and messages"), h("dl", { class: "list" }, fact("wait on the device", count(d.spooled), d.spooled > 100 ? "warn" : null), fact("given up", count(d.dropped), d.dropped ? "bad" : null), spool?.problem ? fact("spool", spool.problem, "bad") : null,
      fact("boot, message", boot ? `${boot.boot}, ${count(boot.last_seq)}` : "–"), fact("complete up to", boot ? moment(boot.wm) : "–"), fact("lag", duration(d.lag), d.lag > 600 ? "warn" : null), fact("did not come", count(d.missing), d.missing ? "warn" : null))),
    h("section", { class: "card" }, h("h2", null, "At the collector"), h("dl", { class: "list" }, fact("merged", count(d.counters.parts)), fact("came twice", count(d.counters.duplicates)),
      ...[["conflicts", "conflicts", "bad"], ["twins", "births of a twin", "bad"], ["bad", "unreadable", "warn"], ["unsynced", "came without a date", "warn"], ["dated", "dated since", ""], ["expired", "without a date for too long", "warn"], ["future", "from the future", "warn"], ["late", "too late", "warn"], ["refused", "no room", "bad"], ["metrics_refused", "defined otherwise", "warn"]]
        .filter(([key]) => d.counters[key] > 0 || key === "conflicts").map(([key, text, mark]) => fact(text, count(d.counters[key]), d.counters[key] ? mark : null)))));
}

const sensorMark = { ok: "good", fault: "bad", doubtful: "warn" };

function sensors(d) {
  const told = d.status?.sensors || {}, born = Object.fromEntries((d.birth?.sensors || []).map((s) => [s.name, s]));
  const names = [...new Set([...Object.keys(born), ...Object.keys(told)])];
  if (!names.length) return null;
  return [h("h2", null, "Sensors", h("small", null, "by its last status")), h("div", { class: "scroll" }, h("table", { class: "stack" }, h("caption", null, "Sensors"),
    h("thead", null, h("tr", null, ["Sensor", "Driver", "Every", "State", "Readings", "Faults", "Since", "Reason"].map((t, i) => h("th", { scope: "col", class: i === 4 || i === 5 ? "right" : null }, t)))),
    h("tbody", null, names.map((name) => {
      const s = told[name] || {}, b = born[name] || {};
      return h("tr", null, h("th", { scope: "row" }, name), h("td", { "data-label": "driver" }, b.driver || "–"), h("td", { "data-label": "every" }, b.every_ms ? (b.every_ms < 1000 ? `${b.every_ms} ms` : duration(b.every_ms / 1000)) : "–"),
        h("td", { class: `is-${sensorMark[s.state] || ""}`, "data-label": "state" }, s.state || "–"), h("td", { class: "right", "data-label": "readings" }, s.readings === undefined ? "–" : count(s.readings)), h("td", { class: s.faults ? "right is-warn" : "right", "data-label": "faults" }, s.faults === undefined ? "–" : count(s.faults)),
        h("td", { class: "whole", "data-label": "since" }, s.since ? moment(Date.parse(s.since) / 1000) : "–"), h("td", { class: "wide whole" }, s.reason || ""));
    }))))];
}

function streams(context, d) {
  if (!d.metrics?.length) return h("p", { class: "quiet" }, "It has told no contract yet: nothing is known of its streams.");
  return [h("h2", null, "Streams", h("small", null, "mean, lowest and highest of each window")),
    d.series ? [h("div", { class: "bar" }, spans(context)), h("ul", { class: "cards", role: "list" }, d.metrics.map((m) =>
      h("li", { class: "card" }, h("h3", null, m.name, h("span", { class: "state" }, [unit(m.unit), windowLength(m.window)].filter(Boolean).join(" · "))), h("figure", { class: "plot", "data-keep": `${d.site}/${d.name}/${m.name}` }))))]
      : h("p", { class: "quiet" }, `${d.metrics.map((m) => m.name).join(", ")}. With --store the collector keeps what each device sent, and shows it here.`)];
}

function kpis(d) {
  if (!d.kpis?.length) return null;
  return [h("h2", null, "It takes part in"), h("div", { class: "scroll" }, h("table", null, h("caption", null, "KPIs"), h("thead", null, h("tr", null, ["KPI", "Expression", "Unit", "Window"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", null, d.kpis.map((k) => h("tr", null, h("th", { scope: "row" }, h("a", { href: link("kpi", d.site, k.name) }, k.name)), h("td", { class: "wide" }, h("code", null, k.expression)), h("td", null, unit(k.unit)), h("td", null, windowLength(k.window)))))))];
}

export function show(context, d) {
  return [h("p", { class: "crumbs" }, h("a", { href: "#/devices" }, "Devices"), ` / ${d.site}`), h("h1", { class: "spaced" }, d.name, h("small", null, stateCell(d.state))), summary(d), sensors(d), streams(context, d), kpis(d)];
}

export function after(context, d, main) {
  if (!d.series) return;
  d.metrics.forEach((m, i) => {
    const figure = main.querySelector(`figure[data-keep="${CSS.escape(`${d.site}/${d.name}/${m.name}`)}"]`) || [...main.querySelectorAll("figure")][i];
    const list = d.series.filter((row) => row[i + 2]).map((row) => ({ t: row[0], wl: row[1], v: row[i + 2][0], low: row[i + 2][1], high: row[i + 2][2], c: row[i + 2][3], note: `${plural(row[i + 2][4], "sample")}${row[i + 2][5] ? `, ${row[i + 2][5]} bad or lost` : ""}` }));
    if (figure) plot(figure, list, { name: m.name, unit: m.unit, step: list.length ? list[list.length - 1].wl : m.window, height: 130, from: list.length ? Math.max(d.from, list[0].t) : d.from, to: d.now, empty: "nothing came in this time" });
  });
}
