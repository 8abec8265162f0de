// The scan bar: one outcome per scan, said by mark, border, words, tone and the live regions.
// It keeps its height and place, and a Stop stays until the next good scan.
import { language, t } from "../strings.js";

const AFTER_OUTCOME_MS = 600; // the outcome of a scan is said first

const MARKS = { ready: "scan", ok: "ok", already: "already", choice: "choice", stop: "stop" };

export function createBar(section) {
  const mark = section.querySelector(".mark use");
  const message = section.querySelector(".msg");
  const second = section.querySelector(".sub");
  const choices = section.querySelector("[data-choices]");
  const count = section.querySelector(".tally b");
  const steps = section.querySelector(".steps");
  const strip = section.querySelector(".net");
  const status = document.getElementById("status");
  const alarm = document.getElementById("alert");

  // `about` is the id of the scan that is being spoken of, so that a late verdict finds its words.
  function show({ outcome, msg, sub = "", choices: offered = [], about = null }) {
    section.dataset.outcome = outcome;
    section.dataset.about = about ?? "";
    mark.setAttribute("href", `#${MARKS[outcome]}`);
    message.textContent = msg;
    second.textContent = sub;
    choices.replaceChildren(...offered.map(button));
    speak(outcome, [msg, sub]);
  }

  // After the paint, and always the latest: a queue of old sentences helps nobody at scan speed.
  function speak(outcome, words) {
    const text = words.filter(Boolean).join(". ");
    const target = outcome === "stop" ? alarm : status;
    requestAnimationFrame(() => {
      status.textContent = "";
      alarm.textContent = "";
      target.textContent = outcome === "stop" ? t("bar.stop_spoken", { text }) : text;
    });
  }

  function tally(done, all, words = null) {
    if (words !== null) section.querySelector(".tally span").textContent = words;
    count.textContent = `${written(done)} / ${written(all)}`;
    if (!steps) return;
    [...steps.children].forEach((step, at) => step.toggleAttribute("data-done", at < done));
  }

  // Offline is a strip under any outcome: it never hides the result of the scan.
  function connection({ waiting, state }) {
    const away = state === "offline" || state === "signed_out";
    const news = away && strip.hidden;
    strip.hidden = !away;
    if (!away) return;
    const key = state === "signed_out" ? "net.signed_out" : "net.offline";
    strip.querySelector("span").textContent = t(key, { count: waiting });
    if (news) setTimeout(sayConnection, AFTER_OUTCOME_MS);
  }

  // Once, when the server has gone, and never over a Stop.
  function sayConnection() {
    if (!strip.hidden && section.dataset.outcome !== "stop") status.textContent = strip.textContent.trim();
  }

  return {
    show,
    tally,
    connection,
    get about() {
      return section.dataset.about;
    },
    get outcome() {
      return section.dataset.outcome;
    },
  };
}

function button({ label, main = false, press }) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = main ? "btn main" : "btn calm";
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

function written(value) {
  return new Intl.NumberFormat(language).format(value);
}
