// Ids that whoever starts an action mints: UUID version 7, from what every origin offers.
// crypto.randomUUID does not exist on a plain http address in the clinic's network.

export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let rest = now;
  for (let place = 5; place >= 0; place -= 1) {
    bytes[place] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// This browser as a device: drawn once, kept beside the queue.
export function newDeviceId() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return "web-" + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
