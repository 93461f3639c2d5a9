// Says that somebody does something on the page: at most once a minute, and not for a tab that nobody sees.
const every = 60_000;
const watches = new Map(); // id → the callback and when it was last told
let nextId = 1;

function did() {
  if (document.hidden) return;
  for (const watch of watches.values()) {
    if (Date.now() - watch.told < every) continue;
    watch.told = Date.now();
    watch.callback.invokeMethodAsync('Active').catch(() => { /* the circuit is gone; the bar at the foot says so */ });
  }
}
for (const event of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'scroll']) document.addEventListener(event, did, { passive: true, capture: true });

export function watch(callback) { watches.set(nextId, { callback, told: Date.now() }); return nextId++; }
export function unwatch(id) { watches.delete(id); }
