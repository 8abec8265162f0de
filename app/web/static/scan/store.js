// The drawer on this device where scans lie until the server has them: IndexedDB, kept strictly.
// Works on plain http; survives a closed tab, a restart and another person signing in.
import { newDeviceId, uuid7 } from "../ids.js";

const VERSION = 1;

export async function openStore(name = "unbroken") {
  const opening = indexedDB.open(name, VERSION);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("scans", { keyPath: "device_seq" });
    opening.result.createObjectStore("refused", { keyPath: "id" });
    opening.result.createObjectStore("device", { keyPath: "name" });
  };
  return new Store(await answer(opening));
}

class Store {
  #db;

  constructor(db) {
    this.#db = db;
  }

  // Gives the scan its id and its place in this device's order, and resolves when it is on the disk.
  // The number is taken in the same transaction, so that two tabs never share one.
  put(scan) {
    return this.#write(["scans", "device"], async (stores) => {
      const device = (await answer(stores.device.get("device"))) ?? { name: "device", id: newDeviceId(), seq: 0 };
      device.seq += 1;
      stores.device.put(device);
      const whole = { id: uuid7(), ...scan, device_id: device.id, device_seq: device.seq };
      stores.scans.put({ device_seq: device.seq, body: whole });
      return whole;
    });
  }

  waiting(limit) {
    return this.#read("scans", (store) => answer(store.getAll(null, limit)));
  }

  haveWaited(items) {
    return this.#write(["scans"], async ({ scans }) => {
      for (const item of items) scans.put({ ...item, body: { ...item.body, queued: true } });
    });
  }

  remove(sequence) {
    return this.#write(["scans"], async ({ scans }) => {
      scans.delete(sequence);
    });
  }

  // The server will never take this one: kept for a person to look at, out of the others' way.
  setAside(item, reason) {
    return this.#write(["scans", "refused"], async ({ scans, refused }) => {
      scans.delete(item.device_seq);
      refused.put({ id: item.body.id, reason, body: item.body });
    });
  }

  async counts() {
    const waiting = await this.#read("scans", (store) => answer(store.count()));
    const refused = await this.#read("refused", (store) => answer(store.count()));
    const [first] = await this.waiting(1); // another tab may have sent it meanwhile
    return { waiting, refused, oldest: first?.body.device_time ?? null };
  }

  // A short lease, for origins without Web Locks. True when this tab may send now.
  lease(owner, now, milliseconds) {
    return this.#write(["device"], async ({ device }) => {
      const held = await answer(device.get("lease"));
      if (held && held.owner !== owner && held.until > now) return false;
      device.put({ name: "lease", owner, until: now + milliseconds });
      return true;
    });
  }

  async #read(name, work) {
    return work(this.#db.transaction(name, "readonly").objectStore(name));
  }

  // Strict: done means on the disk, not in a cache that a power cut empties.
  async #write(names, work) {
    const transaction = this.#db.transaction(names, "readwrite", { durability: "strict" });
    const finished = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new Error("not written"));
      transaction.onerror = () => reject(transaction.error);
    });
    const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
    const [result] = await Promise.all([work(stores), finished]);
    return result;
  }
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
