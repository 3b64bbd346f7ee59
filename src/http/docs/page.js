// The API page: built from openapi.json, with texts alone and no markup of anybody's.
"use strict";

// What is known of the caller. Kept here alone: a reload forgets it.
const session = { cookie: "", nonce: "" };
// How it looks; a user's own meta may bear the same names.
const looks = { cookie: /^[^|]+\|\d+\|[^|]+\|[0-9a-f]{64}$/, nonce: /^[0-9a-f]{10}$/ };
let doc = null;

// An element with attributes and children; texts become text.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const find = (id) => document.getElementById(id);

// Texts with `code` in them.
function prose(text) {
  return text.split("`").map((part, at) => (at % 2 ? make("code", {}, part) : part));
}

function resolved(value) {
  if (!value || !value.$ref) return value;
  return value.$ref.slice(2).split("/").reduce((at, key) => at[key], doc);
}

// The address of a path at the server that was asked for this page.
function address(path) {
  return doc.servers[0].url.replace(/\/$/, "") + path;
}

function tell(text, bad) {
  const notice = find("notice");
  notice.textContent = text;
  notice.className = bad ? "bad" : "good";
}

// The parameters of an operation, its own first.
function parametersOf(item) {
  const steering = item.post.parameters.map(resolved);
  const shared = new Set(steering.map((parameter) => parameter.name));
  const own = item.get.parameters.map(resolved).filter((parameter) => !shared.has(parameter.name));
  return { own, steering: steering.filter((parameter) => parameter.name !== "insecure"), gated: shared.has("insecure") };
}

const isMap = (parameter) => parameter.schema.type === "object";

// A line of a form: name, input, what it is.
function row(method, parameter) {
  const id = `${method}-${parameter.name}`;
  const shown = typeof parameter.example === "object"
    ? Object.entries(parameter.example).map(([name, value]) => `${name}=${value}`).join("\n")
    : parameter.example;
  const common = { id, name: parameter.name, "aria-describedby": `${id}-hint` };
  let input;
  if (isMap(parameter)) {
    input = make("textarea", { ...common, rows: 2, placeholder: shown });
    input.dataset.map = parameter.style;
  } else if (parameter.schema.enum) {
    const words = parameter.required ? parameter.schema.enum : ["", ...parameter.schema.enum];
    input = make("select", common, ...words.map((word) => make("option", {}, word)));
  } else {
    const secret = parameter.name === "password" || parameter.name === "user_pass";
    const isKept = parameter.name in session;
    input = make("input", {
      ...common, type: secret ? "password" : "text", autocomplete: "off", spellcheck: "false",
      placeholder: isKept ? "filled in" : secret ? "" : shown, required: parameter.required,
    });
    if (isKept) {
      input.dataset.keeps = parameter.name;
      input.value = session[parameter.name];
    }
  }
  const must = parameter.required ? make("span", { class: "must", title: "needed" }, " *") : null;
  return make("div", { class: "row" },
    make("label", { for: id }, parameter.name, must), input,
    make("p", { class: "hint", id: `${id}-hint` }, ...prose(parameter.description),
      isMap(parameter) ? " One name=value a line." : ""));
}

// What a form says, as pairs.
function pairsOf(form) {
  const pairs = [];
  for (const input of form.querySelectorAll("input, select, textarea")) {
    if (!input.name || input.value === "") continue;
    if (!input.dataset.map) {
      pairs.push([input.name, input.value]);
      continue;
    }
    for (const line of input.value.split("\n")) {
      const at = line.indexOf("=");
      if (at < 1) continue;
      const name = line.slice(0, at).trim();
      pairs.push([input.dataset.map === "deepObject" ? `${input.name}[${name}]` : name, line.slice(at + 1)]);
    }
  }
  return pairs;
}

// Sends a call and gives status, text and what could be read of it. The browser's own cookies stay at home:
// the page calls as an app does.
async function call(path, verb, pairs) {
  const form = new URLSearchParams(pairs);
  const to = address(path);
  const options = { method: verb, credentials: "omit", cache: "no-store", redirect: "follow" };
  let url = to;
  if (verb === "POST") options.body = form;
  else if (pairs.length) url += (to.includes("?") ? "&" : "?") + form;
  const begun = performance.now();
  const answer = await fetch(url, options);
  const text = await answer.text();
  let json = null;
  try { json = JSON.parse(text); } catch { /* JSONP, dev or a page of the site's: shown as it is. */ }
  if (json && typeof json === "object") keep(json);
  return { answer, text, json, took: Math.round(performance.now() - begun) };
}

// What later calls need.
function keep(json) {
  for (const name of Object.keys(session)) {
    if (!looks[name].test(json[name]) || json[name] === session[name]) continue;
    session[name] = json[name];
    fill(name);
    if (name === "cookie") show(session.cookie.split("|")[0]);
  }
}

function fill(name) {
  for (const input of document.querySelectorAll(`[data-keeps="${name}"]`)) input.value = session[name];
}

function show(who) {
  find("login").hidden = Boolean(who);
  find("session").hidden = !who;
  find("who").textContent = who ?? "";
  find("cookie").textContent = session.cookie;
}

// The same call for a shell.
function asCurl(path, verb, pairs) {
  const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
  const url = new URL(address(path), location.href).href;
  const sent = pairs.map(([name, value]) => ` \\\n  --data-urlencode ${quoted(`${name}=${value}`)}`).join("");
  return `curl -s${verb === "GET" ? " -G" : ""} ${quoted(url)}${sent}`;
}

function insecure(gated) {
  return gated && find("insecure").checked ? [["insecure", "cool"]] : [];
}

// The errors of an operation, by status.
function errorsOf(operation) {
  const rows = [];
  for (const [status, refused] of Object.entries(operation.responses)) {
    const examples = resolved(refused).content?.["application/json"]?.examples ?? {};
    for (const example of Object.values(examples)) {
      rows.push(make("tr", {}, make("td", { class: "number" }, status), make("td", {}, resolved(example).summary)));
    }
  }
  return make("table", {},
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Status"), make("th", { scope: "col" }, "Text"))),
    make("tbody", {}, ...rows));
}

// One method: what it is, a form, what came back.
function method(path, item) {
  const id = item.post.operationId;
  const verb = item.post.requestBody ? "POST" : "GET";
  const { own, steering, gated } = parametersOf(item);
  const result = make("div", { class: "result", "aria-live": "polite" });
  const send = make("button", { type: "submit", class: "main" }, "Send");
  const form = make("form", { novalidate: true, autocomplete: "off" },
    ...own.map((parameter) => row(id, parameter)),
    make("details", { class: "more" }, make("summary", {}, "Parameters of every method"),
      ...steering.map((parameter) => row(id, parameter))),
    send);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const pairs = [...pairsOf(form), ...insecure(gated)];
    send.disabled = true;
    try {
      const { answer, text, json, took } = await call(path, verb, pairs);
      result.replaceChildren(
        make("h3", {}, "Answer ", make("span", { class: answer.ok ? "good" : "bad" }, String(answer.status)),
          make("span", { class: "soft" }, ` ${answer.headers.get("content-type") ?? ""}, ${took} ms`)),
        make("pre", { tabindex: 0 }, json === null ? text : JSON.stringify(json, null, 2)),
        make("h3", {}, "In a shell"), make("pre", { tabindex: 0 }, asCurl(path, verb, pairs)));
    } catch (error) {
      result.replaceChildren(make("p", { class: "bad" }, `No answer: ${error.message}`));
    }
    send.disabled = false;
  });
  const good = resolved(item.post.responses["200"]);
  return make("details", { class: "method", id },
    make("summary", {}, make("span", { class: "verb" }, verb), make("span", { class: "path" }, path),
      make("span", { class: "soft" }, item.post.summary)),
    make("div", { class: "body" },
      item.post.description ? make("p", {}, ...prose(item.post.description)) : null,
      make("h3", {}, own.length ? "Try it" : "Try it: no parameters"), form, result,
      make("h3", {}, "An answer"),
      make("pre", { tabindex: 0 }, JSON.stringify(good.content["application/json"].example, null, 2)),
      make("details", { class: "more" }, make("summary", {}, "Errors"), errorsOf(item.post))));
}

function build() {
  const site = doc.servers[doc.servers.length - 1].url;
  find("site").textContent = `${site === "/" ? location.origin : site} · ${doc.info.title} ${doc.info.version}`;
  const main = find("methods");
  main.replaceChildren();
  for (const tag of doc.tags) {
    const own = Object.entries(doc.paths).filter(([, item]) => item.post.tags[0] === tag.name);
    main.append(make("section", { "aria-labelledby": `tag-${tag.name}` },
      make("h2", { id: `tag-${tag.name}` }, tag.name), make("p", { class: "soft" }, tag.description),
      ...own.map(([path, item]) => method(path, item))));
    const entry = ([, { post }]) =>
      make("li", {}, make("a", { href: `#${post.operationId}` }, post.operationId.slice(tag.name.length + 1)));
    find("index").append(make("div", {}, make("strong", {}, tag.name), make("ul", {}, ...own.map(entry))));
  }
  opened();
}

// A method named in the address stands open.
function opened() {
  const named = location.hash.length > 1 && find(decodeURIComponent(location.hash.slice(1)));
  if (named && named.matches("details")) {
    named.open = true;
    named.scrollIntoView();
  }
}

function filter() {
  const wanted = find("filter").value.trim().toLowerCase();
  for (const section of document.querySelectorAll("main > section")) {
    for (const entry of section.querySelectorAll("details.method")) {
      const hidden = !entry.firstElementChild.textContent.toLowerCase().includes(wanted);
      entry.hidden = hidden;
      document.querySelector(`#index a[href="#${entry.id}"]`).parentElement.hidden = hidden;
    }
    section.hidden = !section.querySelector("details.method:not([hidden])");
  }
  for (const group of document.querySelectorAll("#index > div")) group.hidden = !group.querySelector("li:not([hidden])");
}

// The path of an operation.
function pathOf(operationId) {
  return Object.entries(doc.paths).find(([, item]) => item.post.operationId === operationId)[0];
}

async function login(event) {
  event.preventDefault();
  const pairs = [["username", find("login-name").value], ["password", find("login-password").value], ...insecure(true)];
  const { answer, json } = await call(pathOf("user_generate_auth_cookie"), "POST", pairs);
  if (!json?.cookie) return tell(json?.error ?? `The answer was ${answer.status}, and no JSON.`, true);
  find("login-password").value = "";
  tell("");
}

async function logout() {
  const { answer, json } = await call(pathOf("auth_clear_auth_cookie"), "POST", [["cookie", session.cookie], ...insecure(true)]);
  if (json?.status !== "ok") tell(`The session was not ended: ${json?.error ?? answer.status}`, true);
  else tell("Logged out: the session has ended.");
  session.cookie = "";
  fill("cookie");
  show(null);
}

async function start() {
  find("insecure").checked = location.protocol !== "https:";
  find("filter").addEventListener("input", filter);
  window.addEventListener("hashchange", opened);
  const guarded = (work) => (event) => work(event).catch((error) => tell(`No answer: ${error.message}`, true));
  find("login").addEventListener("submit", (event) => { event.preventDefault(); guarded(login)(event); });
  find("logout").addEventListener("click", guarded(logout));
  const answer = await fetch("openapi.json", { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  doc = await answer.json();
  build();
}

start().catch((error) => { find("loading").textContent = `The document could not be read. ${error.message}`; });
