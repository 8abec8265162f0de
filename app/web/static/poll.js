// Keeps a page true: asks again with the tag of what it has, replaces what changed, and says how old
// it is. A page that silently stands still is worse than none.
import { language, page, t } from "./strings.js";

const AMBER_MS = 60_000;
const RED_MS = 180_000;
const LONGEST_MS = 60_000;
const clock = new Intl.DateTimeFormat(language, {
  hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.time_zone,
});

// Regions carry an id and `data-live`; the answer is the same page again. `data-live` on the body
// element names the seconds between two questions.
export function keepFresh({ seconds, now = () => Date.now() }) {
  let tag = null;
  let pause = seconds * 1000;
  let seen = now();
  let timer = null;

  async function ask() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const response = await fetch(location.href, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (response.status === 200) replace(await response.text());
      else if (response.status !== 304) throw new Error(`answered ${response.status}`);
      tag = response.headers.get("ETag") ?? tag;
      seen = now();
      pause = seconds * 1000;
    } catch {
      pause = Math.min(pause * 2, LONGEST_MS);
    }
    showAge(now() - seen, seen);
    timer = setTimeout(ask, pause);
  }

  document.addEventListener("visibilitychange", () => document.hidden || ask());
  setInterval(() => showAge(now() - seen, seen), 5_000);
  showAge(0, seen);
  timer = setTimeout(ask, pause);
}

// A region in which somebody is typing or standing is left alone until they leave it.
function replace(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const region of document.querySelectorAll("[data-live][id]")) {
    const other = fresh.getElementById(region.id);
    if (!other || region.contains(document.activeElement) || other.innerHTML === region.innerHTML) continue;
    region.replaceChildren(...[...other.childNodes].map((node) => document.adoptNode(node)));
  }
}

function showAge(age, seen) {
  for (const place of document.querySelectorAll("[data-age]")) {
    const { tone, words } = ageWords(age, seen);
    if (place.dataset.tone !== tone) place.dataset.tone = tone;
    const text = place.querySelector("span");
    if (text.textContent !== words) text.textContent = words;
  }
}

function ageWords(age, seen) {
  const minutes = Math.floor(age / 60_000);
  if (age < AMBER_MS) return { tone: "quiet", words: t("age.fresh") };
  if (age < RED_MS) return { tone: "warn", words: t("age.amber", { count: minutes }) };
  return { tone: "stop", words: t("age.red", { count: minutes, time: clock.format(seen) }) };
}
