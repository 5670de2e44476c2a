// Where the browser keeps what must survive a reload. Browsers may forbid
// storage to a frame of another site: then it lives as long as the page.

export interface Store {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(prefix: string): string[];
}

export function memoryStore(): Store {
  const map = new Map<string, string>();
  return {
    get: (key) => map.get(key) ?? null,
    set: (key, value) => void map.set(key, value),
    remove: (key) => void map.delete(key),
    keys: (prefix) => [...map.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** A store in localStorage; what does not fit there is kept in memory. */
export function openStore(prefix: string): Store {
  let local: Storage;
  try {
    local = window.localStorage;
    local.setItem(`${prefix}probe`, '1');
    local.removeItem(`${prefix}probe`);
  } catch {
    return memoryStore();
  }
  const spare = memoryStore();
  return {
    get: (key) => local.getItem(prefix + key) ?? spare.get(key),
    set(key, value) {
      try {
        local.setItem(prefix + key, value);
      } catch {
        spare.set(key, value); // full
      }
    },
    remove(key) {
      local.removeItem(prefix + key);
      spare.remove(key);
    },
    keys(part) {
      const out = spare.keys(part);
      for (let i = 0; i < local.length; i++) {
        const key = local.key(i);
        if (key?.startsWith(prefix + part)) out.push(key.slice(prefix.length));
      }
      return out;
    },
  };
}

export interface Blobs {
  get(key: string): Promise<Blob | undefined>;
  set(key: string, blob: Blob): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Files on their way, in IndexedDB and, for this page, in memory. */
export function openBlobs(name: string): Blobs {
  const near = new Map<string, Blob>();
  let db: Promise<IDBDatabase> | undefined;
  const open = () => {
    db ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('files');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return db;
  };
  const run = async <T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> => {
    try {
      const tx = (await open()).transaction('files', mode);
      const request = act(tx.objectStore('files'));
      return await new Promise((resolve, reject) => {
        tx.oncomplete = () => resolve(request.result);
        tx.onerror = tx.onabort = () => reject(tx.error);
      });
    } catch {
      return undefined; // no IndexedDB here: memory has to do
    }
  };
  return {
    async get(key) {
      return near.get(key) ?? (await run<Blob>('readonly', (s) => s.get(key)));
    },
    async set(key, blob) {
      near.set(key, blob);
      await run('readwrite', (s) => s.put(blob, key));
    },
    async remove(key) {
      near.delete(key);
      await run('readwrite', (s) => s.delete(key));
    },
  };
}
