// The demo's scanner without hardware: a page in another tab sends codes to the page it points at.
import { page } from "../strings.js";
import { uuid7 } from "../ids.js";

const CHANNEL = "unbroken-scanner";

// Only where the server says so: in a clinic nothing but a scanner scans.
export function offerVirtual({ inject }) {
  if (!page.virtual_scanner) return;
  const channel = new BroadcastChannel(CHANNEL);
  const name = uuid7();
  const hello = () => channel.postMessage({ hello: { name, title: document.title, focused: document.hasFocus() } });
  channel.onmessage = ({ data }) => {
    if (data.who) hello();
    if (data.target === name) inject(data.code);
  };
  window.addEventListener("focus", hello);
  window.addEventListener("pagehide", () => channel.postMessage({ gone: name }));
  hello();
}

// The scanning side: who listens, and a way to send. `onTargets(targets)` gets [{name, title}], the
// one that was looked at last in front.
export function pointScanner({ onTargets }) {
  const channel = new BroadcastChannel(CHANNEL);
  let targets = [];
  channel.onmessage = ({ data }) => {
    if (data.hello) {
      const others = targets.filter((target) => target.name !== data.hello.name);
      targets = data.hello.focused ? [data.hello, ...others] : [...others, data.hello];
    }
    if (data.gone) targets = targets.filter((target) => target.name !== data.gone);
    if (data.hello || data.gone) onTargets(targets);
  };
  channel.postMessage({ who: true });
  return { send: (target, code) => channel.postMessage({ target, code }) };
}
