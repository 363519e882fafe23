// SPDX-License-Identifier: Apache-2.0
// The page: which of its views is shown, and when it asks again. Views are functions from what was asked to elements; nothing is stored.
import { h, morph, clock, duration } from "./parts.js";
import * as fleet from "./fleet.js";
import * as devices from "./devices.js";
import * as device from "./device.js";
import * as kpi from "./kpi.js";

const main = document.getElementById("main"), live = document.getElementById("live"), siteSelect = document.getElementById("site");
const views = { "": fleet, devices, device, kpi };

// What a view gets: where it is, what the reader chose, and how to ask.
const context = { path: [], query: new URLSearchParams(), choices: {}, site: "", ask, refresh };

let turn = 0, timer = 0, answered = 0;

const BUSY = 503, TRIES = 3;

// A collector that is busy says when it will not be.
async function ask(path, parameters, tries = TRIES) {
  const query = parameters ? "?" + new URLSearchParams(parameters) : "";
  const response = await fetch(path + query, { headers: { Accept: "application/json" } });
  const body = await response.json();
  if (response.status === BUSY && tries > 1) {
    await new Promise((wake) => setTimeout(wake, 1000 * (Number(response.headers.get("Retry-After")) || 1)));
    return ask(path, parameters, tries - 1);
  }
  if (!response.ok) throw Object.assign(new Error(body.error || `HTTP ${response.status}`), { isAnswer: true });
  return body;
}

function tell(now) {
  answered = Date.now();
  live.className = "";
  live.textContent = `live · ${clock(now)}`;
}

function tellSilence(error) {
  const text = answered ? `no answer from the collector for ${duration((Date.now() - answered) / 1000)}` : "the collector does not answer";
  live.className = "bad";
  live.textContent = text;
  live.title = error.message;
}

function sites(list) {
  siteSelect.parentElement.hidden = list.length < 2;
  const options = ["", ...list].map((name) => h("option", { value: name }, name || "all"));
  if (siteSelect.options.length !== options.length) siteSelect.replaceChildren(...options);
  siteSelect.value = list.includes(context.site) ? context.site : "";
}

// One look: ask, and show if nobody went on meanwhile.
async function refresh() {
  const mine = ++turn, view = views[context.path[0] || ""] || fleet;
  clearTimeout(timer);
  try {
    const data = await view.load(context);
    if (mine !== turn) return;
    tell(data.now);
    if (data.sites) sites(data.sites);
    const fresh = h("main", { id: "main", tabindex: "-1" }, view.show(context, data));
    morph(main, fresh);
    view.after?.(context, data, main);
    document.title = `${view.title(context, data)} · runnel`;
  } catch (error) {
    if (mine !== turn) return;
    if (error.isAnswer) {
      tell(Date.now() / 1000);
      main.replaceChildren(h("p", { class: "quiet" }, error.message));
    } else {
      tellSilence(error);
      if (!(error instanceof TypeError)) console.error(error);
    }
  }
  timer = setTimeout(() => (document.hidden ? 0 : refresh()), view.every(context));
}

function go() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const was = context.path.join("/");
  context.path = path.split("/").filter(Boolean).map(decodeURIComponent);
  context.query = new URLSearchParams(query || "");
  for (const a of document.querySelectorAll("nav a")) {
    const here = a.dataset.page === ({ devices: "devices", device: "devices" }[context.path[0]] || "overview");
    if (here) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
  if (was !== context.path.join("/")) {
    main.replaceChildren(h("p", { class: "quiet" }, "Asking the collector …"));
    scrollTo(0, 0);
  }
  refresh();
}

// Choices stand in elements as data-set="name=value"; what was chosen outlives the next look.
main.addEventListener("click", (e) => {
  const button = e.target.closest("[data-set]");
  if (!button) return;
  const [name, value] = button.dataset.set.split("=");
  context.choices[name] = value;
  refresh();
});
main.addEventListener("input", (e) => {
  if (!e.target.name) return;
  context.choices[e.target.name] = e.target.value;
  refresh();
});
siteSelect.addEventListener("change", () => {
  context.site = siteSelect.value;
  refresh();
});
// Plots are drawn when they can be seen.
let scrolled = 0;
addEventListener("scroll", () => {
  clearTimeout(scrolled);
  scrolled = setTimeout(refresh, 150);
}, { passive: true });
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("hashchange", () => {
  go();
  main.focus({ preventScroll: true });
});
document.querySelector(".skip").addEventListener("click", (e) => {
  e.preventDefault();
  main.focus();
});
go();
