// What every page does: sends what this device still holds, opens what is scanned, signs out.
// Bench pages have the scan engine for the first two.
import { bindForms } from "./forms.js";
import { bindGrids } from "./grid.js";
import { keepFresh } from "./poll.js";
import { listen } from "./scan/capture.js";
import { openQueue } from "./scan/queue.js";
import { page, t } from "./strings.js";

const body = document.body;
bindForms();
if (body.dataset.live) keepFresh({ seconds: Number(body.dataset.live) });
if (!body.classList.contains("bench") && page.signed_in) {
  bindGrids();
  listen({ deliver: open, foreign: page.foreign ?? [] });
  sendWhatIsLeft().catch(() => undefined); // no drawer on this device, so nothing lies in it
}

// The same scan means the same thing everywhere: on a page that is not a bench, it shows the object.
function open({ reading }) {
  if (reading.muted) return;
  if (reading.fault) return say(t(`fault.${reading.fault}`), t(`fault.${reading.fault}_do`));
  if (reading.command) return say(t("card.no_use"), t("card.no_use_do"));
  location.assign(`${body.dataset.find}?q=${encodeURIComponent(reading.code)}`);
}

function say(words, advice) {
  const toast = document.getElementById("toast");
  toast.hidden = false;
  toast.querySelector("strong").textContent = words;
  toast.querySelector("span").textContent = advice;
  document.getElementById("alert").textContent = `${words}. ${advice}`;
}

async function sendWhatIsLeft() {
  await openQueue({ onResult: () => undefined, onCounts: showWaiting });
}

// Says so only while there is something to say.
function showWaiting({ waiting, refused }) {
  const note = document.getElementById("unsent");
  note.hidden = waiting === 0 && refused === 0;
  note.querySelector("span").textContent = waiting > 0 ? t("saved.waiting", { count: waiting }) : t("saved.refused", { count: refused });
}

document.getElementById("toast")?.querySelector("button").addEventListener("click", () => {
  document.getElementById("toast").hidden = true;
});
if (!body.classList.contains("bench")) document.documentElement.dataset.ready = "yes";
