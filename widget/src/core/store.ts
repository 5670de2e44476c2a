// Where the browser keeps what must survive a reload.

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

/** A store in our own localStorage, or undefined where the browser forbids it. */
export function ownStore(prefix: string): Store | undefined {
  try {
    const local = window.localStorage;
    local.setItem(`${prefix}probe`, '1');
    local.removeItem(`${prefix}probe`);
    return localStore(local, prefix);
  } catch {
    return undefined;
  }
}

function localStore(local: Storage, prefix: string): Store {
  const spare = memoryStore(); // for what does not fit
  return {
    get: (key) => local.getItem(prefix + key) ?? spare.get(key),
    set(key, value) {
      try {
        local.setItem(prefix + key, value);
      } catch {
        spare.set(key, value);
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

/**
 * A store that the page around the frame keeps for it: browsers that block
 * third parties' storage leave a frame no other. What was saved is read once.
 */
export function keptStore(saved: Record<string, string>, keep: (key: string, value: string | undefined) => void): Store {
  const near = memoryStore();
  for (const [key, value] of Object.entries(saved)) near.set(key, value);
  return {
    ...near,
    set(key, value) {
      near.set(key, value);
      keep(key, value);
    },
    remove(key) {
      near.remove(key);
      keep(key, undefined);
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
