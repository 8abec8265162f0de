// The four sounds of a bench, one per meaning, and the short buzz of a device that can.
// A person with the screen behind them hears the difference; a person who mutes sees it.

const VOICES = {
  ok: { notes: [[1320, 0, 0.07]], shape: "sine", buzz: null },
  already: { notes: [[520, 0, 0.09], [520, 0.14, 0.09]], shape: "sine", buzz: [60] },
  choice: { notes: [[520, 0, 0.09], [520, 0.14, 0.09]], shape: "sine", buzz: [60] },
  stop: { notes: [[180, 0, 0.14], [180, 0.2, 0.14], [180, 0.4, 0.14]], shape: "square", buzz: [200, 80, 200] },
};
const LOUDNESS = 0.2;

export function createTones() {
  const context = "AudioContext" in window ? new AudioContext() : null; // early: waking it costs 100 ms
  let muted = remembered();

  function wake() {
    if (context?.state === "suspended") context.resume().catch(() => undefined);
  }
  window.addEventListener("keydown", wake, { capture: true, passive: true });
  window.addEventListener("pointerdown", wake, { capture: true, passive: true });

  return {
    get muted() {
      return muted;
    },
    toggle() {
      muted = !muted;
      keep(muted);
      return muted;
    },
    // Called only when the scan is durable: a tone is a promise.
    play(outcome) {
      const voice = VOICES[outcome];
      document.dispatchEvent(new CustomEvent("unbroken:tone", { detail: { outcome, muted } }));
      // Before the first touch or key a browser refuses to buzz, and complains.
      if (voice.buzz && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(voice.buzz);
      if (!muted && context?.state === "running") sound(context, voice);
    },
  };
}

function sound(context, voice) {
  for (const [pitch, from, length] of voice.notes) {
    const note = context.createOscillator();
    const volume = context.createGain();
    note.type = voice.shape;
    note.frequency.value = pitch;
    volume.gain.value = LOUDNESS;
    note.connect(volume).connect(context.destination);
    note.start(context.currentTime + from);
    note.stop(context.currentTime + from + length);
  }
}

function remembered() {
  try {
    return localStorage.getItem("muted") === "yes";
  } catch {
    return false; // storage is closed: sound is on, as on a new device
  }
}

function keep(muted) {
  try {
    localStorage.setItem("muted", muted ? "yes" : "no");
  } catch {
    // Storage is closed: the wish lasts as long as the page.
  }
}
