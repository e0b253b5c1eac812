// One unsent recording, kept in this browser (IndexedDB) until it has arrived, so that tomorrow can go on.
function store(mode) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("understudy", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("recordings");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => resolve(opening.result.transaction("recordings", mode).objectStore("recordings"));
  });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// A browser in private mode may refuse: then there is simply nothing kept.
export const keep = async (kept) => { try { await done((await store("readwrite")).put(kept, "unsent")); } catch { /* goes on without */ } };
export const kept = async () => { try { return (await done((await store("readonly")).get("unsent"))) || null; } catch { return null; } };
export const forget = async () => { try { await done((await store("readwrite")).delete("unsent")); } catch { /* nothing was kept */ } };
