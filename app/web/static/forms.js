// Forms that speak JSON: the named fields go to `data-post`, then the page is shown again or
// `data-then` is opened, `{name}` in it standing for what the answer holds; a field whose name ends in
// `[]` is a list, of the lines of each. Where the form has a place `data-told`, the answer is shown there instead, once: each
// `data-answer` in it names a part. What went wrong is said at the top, in the server's own words.
import { t } from "./strings.js";

export function bindForms(root = document) {
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-post]");
    if (!form) return;
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  const button = form.querySelector("[type=submit]");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const { problem, answer } = await request(
    form.dataset.method ?? "POST", form.dataset.post, fieldsOf(form));
  button.removeAttribute("aria-disabled");
  if (problem) return show(form, problem);
  const told = form.querySelector("[data-told]");
  if (told) return tell(told, answer);
  const then = form.dataset.then?.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(answer[name]));
  if (then) location.assign(then);
  else location.reload();
}

function tell(place, answer) {
  for (const part of place.querySelectorAll("[data-answer]")) part.textContent = answer[part.dataset.answer];
  place.hidden = false;
  place.focus();
}

function fieldsOf(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (value === "") continue;
    if (name.endsWith("[]")) (fields[name.slice(0, -2)] ??= []).push(...linesOf(value));
    else fields[name] = zoned(form.elements[name], value);
  }
  return fields;
}

function linesOf(value) {
  return value.split("\n").map((line) => line.trim()).filter(Boolean);
}

// A wall-clock field has no zone; the API takes no time without one.
function zoned(field, value) {
  return field.type === "datetime-local" ? new Date(value).toISOString() : value;
}

async function request(method, url, body) {
  try {
    const response = await fetch(url, {
      method,
      headers: { "Content-Type": "application/json", "X-Unbroken": "1", Accept: "application/json" },
      body: method === "DELETE" ? undefined : JSON.stringify(body),
    });
    const told = await response.json().catch(() => ({ title: t("form.not_done") }));
    return response.ok ? { answer: told } : { problem: told };
  } catch {
    return { problem: { title: t("form.no_server"), advice: t("form.no_server_do") } };
  }
}

function show(form, problem) {
  const place = form.querySelector("[data-problem]");
  place.hidden = false;
  place.querySelector("strong").textContent = problem.title ?? t("form.not_done");
  place.querySelector("span").textContent = [problem.detail, problem.advice].filter(Boolean).join(". ");
  place.focus();
}
