// SPDX-License-Identifier: Apache-2.0
// The first page: what needs somebody, the chain from sensors to KPIs, the KPIs over the last hour, and the streams.
import { h, count, rate, number, percent, duration, clock, plural, link, unit, withUnit, windowLength, breakable } from "./parts.js";
import { plot, spark } from "./plot.js";

const HISTORY_EVERY_MS = 15000, MAX_CARDS = innerWidth < 640 ? 8 : 24;
const histories = new Map();

export const title = () => "Fleet";
export const every = () => 2000;

export async function load({ ask }) {
  const data = await ask("api/fleet");
  return Object.assign(data, { siteList: data.sites, sites: data.sites.map((s) => s.name) });
}

// --- what needs somebody ---

function troubles(f) {
  const d = f.devices, c = f.counters, list = [];
  const say = (level, text, to) => list.push({ level, text, to });
  const some = (n, level, text, to) => n > 0 && say(level, text, to);
  if (f.broker.state !== "connected") say("bad", `No connection to the broker ${f.broker.url}${f.broker.error ? ": " + f.broker.error : ""}`);
  if (f.store?.problem) say("bad", `The store takes nothing: ${f.store.problem}`);
  some(d.offline, "warn", `${plural(d.offline, "device is", "devices are")} offline`, "#/devices?show=offline");
  some(d.sensors_failing, "warn", `${plural(d.sensors_failing, "sensor")} on ${plural(d.devices_failing, "device")} cannot be trusted`, "#/devices?show=sensors");
  some(d.clock_bad, "warn", `${plural(d.clock_bad, "device has", "devices have")} no trusted clock: what they send is kept apart`, "#/devices?show=clock");
  some(d.missing, "warn", `${plural(d.missing, "message")} of ${plural(d.with_gaps, "device")} did not come: windows stay incomplete`, "#/devices?show=gaps");
  some(d.dropped, "bad", `${plural(d.dropped, "window was", "windows were")} given up on devices, for want of room in their spools`, "#/devices?show=spool");
  some(c.conflicts, "bad", `${plural(c.conflicts, "part")} came twice with other content (the newest: ${f.last_conflict}): is a device there twice?`, "#/devices?show=refused");
  some(c.twins, "bad", `${plural(c.twins, "birth")} of a second device with the same name`, "#/devices?show=refused");
  some(c.bad, "warn", `${plural(c.bad, "message")} could not be read`, "#/devices?show=refused");
  some(c.future, "warn", `${plural(c.future, "part")} of a time that has not come: the clock of a device says ${new Date(f.newest_future_w0 * 1000).getUTCFullYear()}`, "#/devices?show=refused");
  some(c.refused + c.dropped, "bad", `${plural(c.refused + c.dropped, "message")} had no room in the collector`, "#/devices?show=refused");
  some(c.late, "warn", `${plural(c.late, "part")} came too late: with --store none is`, "#/devices?show=refused");
  for (const s of f.streams.filter((s) => s.outvoted)) say("warn", `${s.name} in ${s.site} is defined in different ways: ${plural(s.devices, "device")} outvoted, and merged apart`);
  for (const k of f.kpis.filter((k) => k.definitions > 1)) say("warn", `${k.name} in ${k.site} has ${k.definitions} definitions: that of most devices counts`, link("kpi", k.site, k.name));
  return list;
}

const MARKS = { good: "✓", warn: "▲", bad: "■" };
const WORDS = { good: "", warn: "Attention: ", bad: "Fault: " };

function troubleList(f) {
  const list = troubles(f);
  if (!list.length && f.devices.total) list.push({ level: "good", text: "All is well." });
  if (!f.devices.total) list.push({ level: "warn", text: `No device has been heard of yet. Devices publish below runnel/1/… at ${f.broker.url}.` });
  return h("ul", { class: "troubles", "aria-label": "What needs somebody" }, list.map((t) =>
    h("li", { class: t.level }, h("b", { class: "mark", "aria-hidden": "true" }, MARKS[t.level]),
      h("span", null, h("span", { class: "sr" }, WORDS[t.level]), t.to ? h("a", { href: t.to }, t.text) : t.text))));
}

// --- the chain ---

function stage(name, level, big, small, facts, extra) {
  return h("li", { class: `stage ${level}` }, h("h3", null, name), h("p", { class: "big" }, big, small ? h("small", null, small) : null), extra,
    h("dl", { class: "facts" }, facts.filter(Boolean).map(([key, value, mark]) => [h("dt", null, key), h("dd", { class: mark ? `is-${mark}` : null }, value)])));
}

const marked = (key, n, mark = "warn") => [key, count(n), n > 0 ? mark : null];
const mean = (values, n) => {
  const last = values.slice(-n);
  return last.length ? last.reduce((a, b) => a + b, 0) / last.length : 0;
};

// A second, over the last minute; with longer windows over as many minutes as the longest has, for boards speak once a window.
const perSecond = (pulse, kind, wl) => (wl > 60 && pulse.minutes[kind].length ? mean(pulse.minutes[kind], Math.ceil(wl / 60)) / 60 : mean(pulse[kind], 60));
const level = (bad, warn) => (bad ? "bad" : warn ? "warn" : "good");

function streamSums(streams) {
  const s = { perSecond: 0, n: 0, expected: 0, lost: 0, coverage: 1, names: new Set(streams.map((x) => x.name)) };
  let weight = 0, covered = 0;
  for (const x of streams.filter((x) => x.wl)) {
    s.perSecond += x.n / x.wl;
    s.lost += x.bad + x.lost;
    weight += x.devices;
    covered += x.coverage * x.devices;
  }
  s.coverage = weight ? covered / weight : null;
  return s;
}

function chain(f) {
  const d = f.devices, c = f.counters, p = f.pulse, s = streamSums(f.streams.filter((x) => !x.outvoted));
  const apart = c.conflicts + c.bad + c.unsynced + c.future + c.late + c.dropped + c.refused;
  const settled = f.kpis.map((k) => k.settled || k.newest), lowest = Math.min(1, ...settled.map((k) => k.coverage ?? 1));
  const longest = Math.max(0, ...f.streams.map((x) => x.wl || 0)), messages = perSecond(p, "messages", longest);
  const done = f.kpis.filter((k) => k.newest.state !== "PROVISIONAL").length, connected = f.broker.state === "connected";
  return h("ol", { class: mean(p.messages, 120) + messages > 0 ? "chain flows" : "chain", "aria-label": "From sensors to KPIs" },
    stage("Sensors", d.sensors ? level(false, d.sensors_failing) : "none", d.sensors ? count(d.sensors) : "–", d.sensors ? "" : "not told",
      [["devices", count(d.total - d.retired)], marked("in fault", d.sensors_failing), ["faults so far", count(d.sensor_faults)], marked("clocks not set", d.clock_bad)]),
    stage("Streams", level(false, s.coverage !== null && s.coverage < 0.995), rate(s.perSecond), "samples/s",
      [["streams", count(s.names.size)], ["coverage", percent(s.coverage), s.coverage < 0.995 ? "warn" : null], marked("bad or lost", s.lost)]),
    stage("Spools", level(d.dropped, d.spooling || d.offline), count(d.spooled), "wait",
      [marked("on devices", d.spooling), marked("given up", d.dropped, "bad"), marked("offline", d.offline)]),
    stage("Broker", level(!connected, d.missing), rate(messages), "messages/s",
      [["connection", connected ? "good" : f.broker.state, connected ? "good" : "bad"], marked("did not come", d.missing), ["connects", count(f.broker.connects)]], spark(p.messages)),
    stage("Merge", level(c.conflicts + c.refused + c.dropped, apart), rate(perSecond(p, "parts", longest)), "parts/s",
      [["lag, half", duration(d.lag_median)], ["lag, 95 %", duration(d.lag_p95), d.lag_p95 > 600 ? "warn" : null], ["lag, most", duration(d.lag_max), d.lag_max > 600 ? "warn" : null], ["came twice", count(c.duplicates)], marked("set apart", apart)], spark(p.parts)),
    f.store ? stage("Store", level(f.store.problem, f.store.pending > 1000), f.store.problem ? "stopped" : "durable", "", [["pending", count(f.store.pending)], ["windows at hand", count(f.siteList.reduce((a, x) => a + x.windows, 0))], ["hours reopened", count(f.siteList.reduce((a, x) => a + x.late_hours, 0))]])
      : stage("Store", "none", "none", "", [["windows at hand", count(f.siteList.reduce((a, x) => a + x.windows, 0))], ["memory", `${rate(f.window_bytes / 1048576)} MiB`], ["to keep more", "--store"]]),
    stage("KPIs", f.kpis.length ? level(false, lowest < 0.995) : "none", count(f.kpis.length), f.sites.length > 1 ? `in ${plural(f.sites.length, "site")}` : "",
      [["newest done", `${count(done)} of ${count(f.kpis.length)}`], ["least covered", f.kpis.length ? percent(lowest) : "–", lowest < 0.995 ? "warn" : null], ["told", `${rate(perSecond(p, "told", longest))} /s`]], spark(p.told)));
}

// --- KPIs ---

export const stateText = (k) => (k.state === "COMPLETE" ? "complete" : k.state === "CLOSED" ? `closed with ${count(k.complete_devices)} of ${count(k.expected_devices)}` : `${count(k.complete_devices)} of ${count(k.expected_devices)} devices done`);
export const stateMark = (k) => (k.state === "COMPLETE" ? "is-good" : k.state === "CLOSED" ? "is-warn" : "");

// A window that has only begun to come says little: the one before is shown until most devices have told theirs.
export function headline(k) {
  const fresh = k.newest.devices >= 0.9 * k.newest.expected_devices || !k.settled || k.newest.w0 - k.settled.w0 > 3 * k.newest.wl;
  return fresh ? k.newest : k.settled;
}

function card(k) {
  const shown = headline(k);
  return h("li", { class: "card" },
    h("h3", null, h("a", { href: link("kpi", k.site, k.name) }, breakable(k.name)), h("span", { class: `state ${stateMark(shown)}` }, stateText(shown))),
    h("p", { class: "big" }, number(shown.value), h("small", null, unit(shown.unit)), h("small", null, `${clock(shown.w0, shown.wl < 60)} + ${windowLength(shown.wl)}`)),
    h("figure", { class: "plot", "data-keep": `${k.site}/${k.name}` }),
    h("p", { class: "foot" }, h("span", { class: shown.coverage < 0.995 ? "is-warn" : null }, `coverage ${percent(shown.coverage)}`), h("span", null, `${count(shown.devices)} of ${count(shown.expected_devices)} devices`)));
}

const inSite = (context, list) => list.filter((x) => !context.site || x.site === context.site);

function kpis(context, f) {
  const list = inSite(context, f.kpis), all = context.choices.cards === "all", shown = all ? list : list.slice(0, MAX_CARDS);
  const groups = f.sites.map((name) => [name, shown.filter((k) => k.site === name)]).filter(([, ks]) => ks.length);
  return [h("h2", { id: "kpis" }, "Fleet KPIs", h("small", null, "last hour; shaded where devices or samples are missing")),
    groups.map(([name, ks]) => [f.sites.length > 1 ? h("h2", { class: "in" }, name) : null, h("ul", { class: "cards", role: "list" }, ks.map(card))]),
    list.length ? null : h("p", { class: "quiet" }, "No window has ended yet."),
    shown.length < list.length ? h("p", { class: "more" }, h("button", { "data-set": "cards=all" }, `Show all ${count(list.length)}`)) : null];
}

// --- streams ---

export const cover = (c) => {
  if (c === null || c === undefined) return "–";
  const bar = h("span", { class: c < 0.995 ? "cover low" : "cover", "aria-hidden": "true" }, h("span", { "data-width": Math.round(Math.min(1, c) * 100) }));
  return [bar, percent(c)];
};
export const setWidths = (root) => root.querySelectorAll("[data-width]").forEach((e) => (e.style.width = `${e.dataset.width}%`));

function streams(context, f) {
  const list = inSite(context, f.streams), users = (s) => f.kpis.filter((k) => k.site === s.site && k.streams.includes(s.name));
  const zero = (n) => (n ? "right is-warn" : "right zero");
  if (!list.length) return null;
  return [h("h2", null, "Streams", h("small", null, "in their newest window that is over")),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Streams" }, h("table", { class: "stack" }, h("caption", null, "Streams of all devices, merged"),
      h("thead", null, h("tr", null, ["Stream", "Site", "Mean", "Devices", "Samples/s", "Coverage", "Bad or lost", "Window", "For the KPIs"].map((t, i) => h("th", { scope: "col", class: i > 1 && i < 8 && i !== 5 ? "right" : null }, t)))),
      h("tbody", null, list.map((s) => h("tr", null, h("th", { scope: "row" }, s.name, s.outvoted ? h("small", { class: "is-warn" }, " outvoted") : null), h("td", { "data-label": "site" }, s.site),
        h("td", { class: "right", "data-label": s.kind === "counter" ? "increase" : "mean" }, withUnit(s.mean ?? null, s.unit)), h("td", { class: "right", "data-label": "devices" }, `${count(s.reporting || 0)} of ${count(s.devices)}`),
        h("td", { class: "right", "data-label": "samples/s" }, s.wl ? rate(s.n / s.wl) : "–"), h("td", { "data-label": "coverage" }, cover(s.coverage)),
        h("td", { class: zero(s.bad + s.lost), "data-label": "bad or lost" }, s.wl ? count(s.bad + s.lost) : "–"), h("td", { class: "right", "data-label": "window" }, s.wl ? `${clock(s.w0, s.wl < 60)} + ${windowLength(s.wl)}` : "–"),
        h("td", { class: "wide whole", "data-label": "for" }, users(s).map((k, i) => [i ? ", " : "", h("a", { href: link("kpi", k.site, k.name) }, k.name)]))))))),
    f.streams_left_out ? h("p", { class: "quiet" }, `${f.streams_left_out} more are left out.`) : null];
}

export function show(context, f) {
  return [h("h1", { class: "sr" }, "Fleet"), troubleList(f), chain(f), kpis(context, f), streams(context, f)];
}

// --- plots, asked for when they can be seen ---

export const points = (answer) => answer.rows.map(([t, v, low, high, c, state, r, e, lo, hi]) => ({ t, v, low, high, c, lo, hi, open: state === "PROVISIONAL", note: `${count(r)} of ${count(e)} devices${state === "COMPLETE" ? "" : ", " + state.toLowerCase()}` }));

async function drawCard(ask, k, figure, now) {
  const key = figure.dataset.keep, known = histories.get(key);
  if (known && Date.now() - known < HISTORY_EVERY_MS && figure.firstChild) return;
  histories.set(key, Date.now());
  const answer = await ask("api/history", { site: k.site, name: k.name, from: Math.floor(now - 3600), points: 180 });
  plot(figure, points(answer), { name: k.name, unit: answer.unit, step: answer.step, height: 64, small: true, from: Math.floor(now - 3600), to: now });
}

export function after(context, f, main) {
  setWidths(main);
  const byKey = new Map(f.kpis.map((k) => [`${k.site}/${k.name}`, k]));
  for (const figure of main.querySelectorAll("figure[data-keep]")) {
    const box = figure.getBoundingClientRect(), k = byKey.get(figure.dataset.keep);
    if (k && box.bottom > -200 && box.top < innerHeight + 400) drawCard(context.ask, k, figure, f.now).catch(() => {});
  }
}
