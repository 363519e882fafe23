// SPDX-License-Identifier: Apache-2.0
// All devices: which need somebody, sorted and searched here, so that a thousand rows cost the collector one answer.
import { h, count, duration, link, plural } from "./parts.js";

const STEP = 200;

export const title = () => "Devices";
export const every = () => 5000;

export async function load({ ask }) {
  const data = await ask("api/devices");
  const list = data.rows.map((row) => Object.fromEntries(data.columns.map((name, i) => [name, row[i]])));
  for (const d of list) d.trouble = trouble(d);
  return { now: data.now, sites: [...new Set(list.map((d) => d.site))], list };
}

// --- what is wrong with one ---

const refused = (d) => d.conflicts + d.bad + d.late + d.future + d.unsynced + d.refused + d.waiting + d.twins;

function trouble(d) {
  const list = [], some = (n, text) => n > 0 && list.push(text);
  if (d.state === "retired") return [];
  some(d.twins, "there twice");
  some(d.conflicts, plural(d.conflicts, "conflict"));
  some(d.failing, plural(d.failing, "sensor") + " failing");
  some(d.bad, `${count(d.bad)} unreadable`);
  some(d.refused, `${count(d.refused)} refused`);
  some(d.future, `${count(d.future)} from the future`);
  some(d.unsynced, `${count(d.unsynced)} undated`);
  some(d.dropped, `${count(d.dropped)} given up`);
  some(d.missing, `${count(d.missing)} missing`);
  some(d.late, `${count(d.late)} too late`);
  some(d.waiting, `${count(d.waiting)} unexplained`);
  return list;
}

export const states = { online: ["online", "good", "●"], offline: ["offline", "bad", "■"], born: ["no status yet", "warn", "▲"], unborn: ["no birth yet", "warn", "▲"], retired: ["retired", "", "○"] };
export function stateCell(state) {
  const [text, mark, sign] = states[state] || [state, "", ""];
  return h("span", { class: mark ? `is-${mark}` : "quiet" }, h("span", { class: "mark", "aria-hidden": "true" }, sign), ` ${text}`);
}

const clockBad = (d) => d.clock === "waiting" || d.clock === "unsynchronised";
const isSlow = (d) => d.lag !== null && d.lag > 600;
const needs = (d) => d.state !== "retired" && (d.state !== "online" || d.trouble.length > 0 || clockBad(d) || isSlow(d));

const filters = [
  ["all", "All", () => true], ["attention", "Need somebody", needs], ["offline", "Offline", (d) => d.state === "offline"], ["clock", "Clock", clockBad], ["sensors", "Sensors", (d) => d.failing > 0],
  ["spool", "Spool", (d) => d.spooled + d.dropped > 0], ["gaps", "Gaps", (d) => d.missing > 0], ["refused", "Set apart", (d) => refused(d) > 0],
];

// --- the table ---

const rank = { offline: 0, unborn: 1, born: 2, online: 3, retired: 4 };
const columns = [
  ["name", "Device", (d) => d.name, ""], ["site", "Site", (d) => d.site, ""], ["state", "State", (d) => rank[d.state], ""], ["clock", "Clock", (d) => d.clock, ""],
  ["lag", "Lag", (d) => d.lag ?? Infinity, "right"], ["spooled", "Spool", (d) => d.spooled, "right"], ["sensors", "Sensors", (d) => d.failing * 1e6 + d.sensors, "right"],
  ["revision", "Config", (d) => d.revision, "right"], ["boot", "Boot", (d) => d.boot, "right"], ["messages", "Messages", (d) => d.messages, "right"], ["trouble", "Trouble", (d) => d.trouble.length, ""],
];

// greenhouse-10 comes after greenhouse-9
const names = new Intl.Collator("en", { numeric: true });

function sorted(list, key, down) {
  const value = columns.find(([k]) => k === key)[2];
  const order = (a, b) => (typeof value(a) === "string" ? names.compare(value(a), value(b)) : value(a) - value(b));
  return list.sort((a, b) => (down ? -order(a, b) : order(a, b)) || names.compare(a.name, b.name));
}

function row(d, hasSites) {
  const zero = (n) => (n ? "" : " zero");
  return h("tr", null, h("th", { scope: "row" }, h("a", { href: link("device", d.site, d.name) }, d.name)), hasSites ? h("td", { "data-label": "site" }, d.site) : null, h("td", null, stateCell(d.state)),
    h("td", { "data-label": "clock", class: clockBad(d) ? "is-warn" : null }, d.clock || "–"),
    h("td", { class: "right" + (isSlow(d) ? " is-warn" : ""), "data-label": "lag" }, duration(d.lag)), h("td", { class: "right" + zero(d.spooled), "data-label": "spool" }, count(d.spooled)),
    h("td", { class: "right" + (d.failing ? " is-warn" : ""), "data-label": "sensors" }, d.sensors ? (d.failing ? `${d.sensors - d.failing} of ${d.sensors}` : count(d.sensors)) : "–"),
    h("td", { class: "right", "data-label": "config" }, count(d.revision)), h("td", { class: "right extra", "data-label": "boot" }, d.boot), h("td", { class: "right extra", "data-label": "messages" }, count(d.messages)),
    h("td", { class: "wide whole is-warn" }, d.trouble.join(", ")));
}

function head(hasSites, sort, down) {
  return h("thead", null, h("tr", null, columns.filter(([key]) => key !== "site" || hasSites).map(([key, text, , align]) =>
    h("th", { scope: "col", class: align || null, "aria-sort": key === sort ? (down ? "descending" : "ascending") : null },
      h("button", { "data-set": `sort=${key === sort && !down ? "-" : ""}${key}` }, text, key === sort ? (down ? " ▾" : " ▴") : "")))));
}

// Words of the search have to be in the name, a label, the version, the state or the trouble.
function matches(d, words) {
  const text = `${d.site} ${d.name} ${d.labels.replaceAll("\n", " ")} ${d.agent} ${d.state} ${d.clock} revision=${d.revision} ${d.trouble.join(" ")}`.toLowerCase();
  return words.every((w) => text.includes(w));
}

export function show(context, data) {
  const { choices, query } = context, show = choices.show || query.get("show") || "all", limit = Number(choices.limit || STEP);
  const wanted = choices.sort || "name", down = wanted.startsWith("-"), sort = down ? wanted.slice(1) : wanted;
  const here = data.list.filter((d) => !context.site || d.site === context.site), hasSites = data.sites.length > 1 && !context.site;
  const words = (choices.search || "").toLowerCase().split(/\s+/).filter(Boolean);
  const test = (filters.find(([key]) => key === show) || filters[0])[2];
  const list = sorted(here.filter((d) => test(d) && matches(d, words)), sort, down), shown = list.slice(0, limit);
  return [h("h1", null, "Devices", h("small", null, list.length === here.length ? plural(here.length, "device") : `${count(list.length)} of ${plural(here.length, "device")}`)),
    h("div", { class: "bar" }, h("input", { type: "search", name: "search", placeholder: "Name, label, state …", "aria-label": "Search devices", value: choices.search || null }),
      h("span", { class: "choices", role: "group", "aria-label": "Show" }, filters.map(([key, text, f]) => {
        const n = here.filter(f).length;
        return key === "all" || n || key === show ? h("button", { "data-set": `show=${key}`, "aria-pressed": String(key === show) }, text, key === "all" ? "" : ` ${count(n)}`) : null;
      }).filter(Boolean))),
    h("div", { class: "scroll" }, h("table", { class: "stack" }, h("caption", null, "Devices"), head(hasSites, sort, down), h("tbody", null, shown.map((d) => row(d, hasSites))))),
    list.length ? null : h("p", { class: "quiet" }, "None."),
    shown.length < list.length ? h("p", { class: "more" }, h("button", { "data-set": `limit=${limit + STEP}` }, `Show ${count(Math.min(STEP, list.length - limit))} more of ${count(list.length)}`)) : null];
}
