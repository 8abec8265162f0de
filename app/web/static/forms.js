// Forms that speak JSON: the named fields go to `data-post`, then the page is shown again or
// `data-then` is opened. What went wrong is said at the top, in the server's own words.
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
  const problem = await request(form.dataset.method ?? "POST", form.dataset.post, fieldsOf(form));
  button.removeAttribute("aria-disabled");
  if (problem) return show(form, problem);
  if (form.dataset.then) location.assign(form.dataset.then);
  else location.reload();
}

function fieldsOf(form) {
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  return Object.fromEntries(filled.map(([name, value]) => [name, zoned(form.elements[name], value)]));
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
    if (response.ok) return null;
    return await response.json().catch(() => ({ title: t("form.not_done") }));
  } catch {
    return { title: t("form.no_server"), advice: t("form.no_server_do") };
  }
}

function show(form, problem) {
  const place = form.querySelector("[data-problem]");
  place.hidden = false;
  place.querySelector("strong").textContent = problem.title ?? t("form.not_done");
  place.querySelector("span").textContent = [problem.detail, problem.advice].filter(Boolean).join(" ");
  place.focus();
}
