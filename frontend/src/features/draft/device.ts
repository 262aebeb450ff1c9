/**
 * What this device keeps of text the hub has not acknowledged: one record for each page load that had some. A record is
 * taken over by a later load of the same person, under a lock, so that no two tabs send the same queue.
 */
import type { LocalUpdate, Shared } from "./collab";
import { ChangeSet, Text } from "@codemirror/state";

export interface DeviceRecord {
  /** Unique for the page load that began it; also the name of its lock. */
  key: string;
  draft: string;
  person: string;
  epoch: string;
  client: number;
  resume: string;
  version: number;
  /** The confirmed text, lines joined by "\n". */
  text: string;
  unconfirmed: { changes: unknown; client: number; seq: number }[];
  /** Device time of the last write, milliseconds. */
  at: number;
}

/** A copy of a text that could not be merged, kept until the person discards it. */
export interface AsideRecord {
  key: string;
  draft: string;
  person: string;
  text: string;
  at: number;
}

export interface DeviceStore {
  save(r: DeviceRecord): Promise<void>;
  remove(key: string): Promise<void>;
  list(draft: string, person: string): Promise<DeviceRecord[]>;
  setAside(r: AsideRecord): Promise<void>;
  /** Holds the lock of a key until released; null when another tab holds it. */
  lock(key: string): Promise<(() => void) | null>;
}

const database = "multaqa";
const records = "unsent";
const asides = "aside";
// Without locks (plain http on another host) a record is left alone this long after its tab last wrote it.
const presumedAlive = 15_000;

/** IndexedDB and Web Locks of this browser. Every method rejects when the browser refuses storage. */
export function browserStore(): DeviceStore {
  let opening: Promise<IDBDatabase> | null = null;
  const db = () => {
    opening ??= new Promise((resolve, reject) => {
      const req = indexedDB.open(database, 1);
      req.onupgradeneeded = () => {
        req.result.createObjectStore(records, { keyPath: "key" });
        req.result.createObjectStore(asides, { keyPath: "key" });
      };
      req.onsuccess = () => resolve(req.result);
      req.onerror = () => {
        opening = null;
        reject(req.error);
      };
      req.onblocked = () => reject(new Error("device storage is blocked"));
    });
    return opening;
  };
  const run = async <T>(store: string, mode: IDBTransactionMode, op: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const d = await db();
    return new Promise((resolve, reject) => {
      const tx = d.transaction(store, mode, { durability: "strict" });
      const req = op(tx.objectStore(store));
      tx.oncomplete = () => resolve(req.result);
      tx.onabort = () => reject(tx.error);
      tx.onerror = () => reject(tx.error);
    });
  };
  return {
    save: async (r) => {
      await run(records, "readwrite", (s) => s.put(r));
    },
    remove: async (key) => {
      await run(records, "readwrite", (s) => s.delete(key));
    },
    list: async (draft, person) => {
      const all = (await run(records, "readonly", (s) => s.getAll())) as DeviceRecord[];
      return all.filter((r) => r.draft === draft && r.person === person).sort((a, b) => b.at - a.at);
    },
    setAside: async (r) => {
      await run(asides, "readwrite", (s) => s.put(r));
    },
    lock: (key) => webLock(key),
  };
}

function webLock(key: string): Promise<(() => void) | null> {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`multaqa-unsent-${key}`, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(null);
          return;
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Takes over what earlier loads left for this draft: the newest first. Each comes with the release of its lock. */
export async function claim(store: DeviceStore, draft: string, person: string): Promise<{ record: DeviceRecord; release: () => void }[]> {
  const out: { record: DeviceRecord; release: () => void }[] = [];
  for (const record of await store.list(draft, person)) {
    const locks = typeof navigator !== "undefined" && "locks" in navigator && navigator.locks;
    if (!locks && Date.now() - record.at < presumedAlive) continue;
    const release = await store.lock(record.key);
    if (release) out.push({ record, release });
  }
  return out;
}

/** The shared state a record stands for; null if the record does not add up. */
export function revive(r: DeviceRecord): Shared | null {
  try {
    const confirmed = Text.of(r.text.split("\n"));
    let doc = confirmed;
    const unconfirmed: LocalUpdate[] = r.unconfirmed.map((u) => {
      const changes = ChangeSet.fromJSON(u.changes);
      doc = changes.apply(doc);
      return { changes, client: u.client, seq: u.seq };
    });
    return { version: r.version, confirmed, unconfirmed };
  } catch {
    return null;
  }
}

/** The text a record stands for, its unconfirmed updates applied. */
export function textOf(s: Shared): Text {
  return s.unconfirmed.reduce((doc, u) => u.changes.apply(doc), s.confirmed);
}

/** A key no other page load has. */
export function newKey(): string {
  const b = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
}
