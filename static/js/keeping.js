// What the server has not confirmed yet, kept on this machine: one entry for a person and a page.
// IndexedDB with strict durability outlives a killed browser; entries name their person by a mark
// that tells nothing, and nobody else's are ever read.
//
//   entry = {at, version, held: {field: version}, names: {input: [values]}, labels: {input: words}}

const STORE = "kept";
const MOST = 60; // entries, the oldest go first
const DAYS = 14;
const ROOM = 2_000_000; // characters of one entry

let opening = null;

function open() {
  opening ||= new Promise((resolve) => {
    let asked;
    try {
      asked = indexedDB.open("jiebang", 1);
    } catch {
      resolve(null);
      return;
    }
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = asked.onblocked = () => resolve(null);
  });
  return opening;
}

/** Runs one transaction; `undefined` when this machine keeps nothing. */
async function run(mode, work) {
  const db = await open();
  if (!db) return undefined;
  return new Promise((resolve) => {
    try {
      const transaction = db.transaction(STORE, mode, { durability: "strict" });
      const found = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(found && "result" in found ? found.result : true);
      transaction.onerror = transaction.onabort = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

/** True when the entry is on the disk. */
export async function keep(key, entry) {
  if (JSON.stringify(entry).length > ROOM) return false;
  return (await run("readwrite", (store) => store.put(entry, key))) !== undefined;
}

export const drop = (key) => run("readwrite", (store) => store.delete(key));

export const kept = (key) => run("readonly", (store) => store.get(key));

/** Everything of one person goes: they signed out on purpose. */
export const forget = (person) =>
  run("readwrite", (store) => store.delete(IDBKeyRange.bound(`${person}|`, `${person}|\uffff`)));

/** Old entries go, and the oldest of too many. */
export function tidy() {
  const ages = [];
  return run("readwrite", (store) => {
    const cursor = store.openCursor();
    cursor.onsuccess = () => {
      const at = cursor.result;
      if (at) {
        ages.push([at.value.at || 0, at.key]);
        at.continue();
        return;
      }
      ages.sort((a, b) => b[0] - a[0]);
      const edge = Date.now() - DAYS * 86400000;
      ages.forEach(([age, key], n) => (n >= MOST || age < edge) && store.delete(key));
    };
  });
}
