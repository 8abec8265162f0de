// The virtual scanner: a click or a typed code is a scan in the page it points at.
import { pointScanner } from "../scan/virtual.js";
import { t } from "../strings.js";

const choice = document.getElementById("target");
const heard = document.getElementById("status");
const scanner = pointScanner({ onTargets: show });

function show(targets) {
  const chosen = choice.value;
  choice.replaceChildren(...targets.map(({ name, title }) => new Option(title, name)));
  if (targets.some(({ name }) => name === chosen)) choice.value = chosen;
  document.getElementById("nobody").hidden = targets.length > 0;
}

function scan(code) {
  if (!choice.value) {
    heard.textContent = t("virtual.nobody");
    return;
  }
  scanner.send(choice.value, code);
  document.getElementById("sent").textContent = t("virtual.sent", { code });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-scan]");
  if (button) scan(button.dataset.scan);
});
document.getElementById("any").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.querySelector("input");
  if (field.value.trim()) scan(field.value.trim());
  field.value = "";
});
