// Fields of worksheets that several people type into. A text stays in this browser until the console has it on record: through a lost connection, a restarted console and a page that is loaded again.
const WAIT = 350, AGAIN = 2000;

const newId = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

export function attach(root, callback, rollout, mayWrite) {
  const PREFIX = `worksheet:${rollout}:`;
  // Of each field: what the console has (text and the patches that stand), and what it does not have yet: a patch on its way and the text after it.
  const known = new Map(), unsent = new Map();
  let timer = 0, busy = false, gone = false, here = null;

  const inputs = (field) => root.querySelectorAll(`[data-field="${CSS.escape(field)}"]`);
  const textOf = (el) => el.type === 'checkbox' ? (el.checked ? 'yes' : '') : el.value;
  const keep = (field) => {
    const entry = unsent.get(field);
    try {
      if (entry) sessionStorage.setItem(PREFIX + field, JSON.stringify(entry)); else sessionStorage.removeItem(PREFIX + field);
    } catch { /* full or forbidden: the text is still in the page */ }
  };
  const latest = (entry) => entry.next ?? entry.sent.value;

  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    try { unsent.set(key.slice(PREFIX.length), JSON.parse(sessionStorage.getItem(key))); } catch { sessionStorage.removeItem(key); }
  }

  function put(el, text) {
    if (el.type === 'checkbox') { el.checked = text === 'yes'; return; }
    if (el.value === text) return;
    if (document.activeElement !== el || (el.selectionStart ?? null) === null) { el.value = text; grow(el); return; }
    // Somebody is in it without having typed: what was changed before the caret moves the caret along.
    const was = el.value, { selectionStart: from, selectionEnd: to } = el;
    let same = 0;
    while (same < was.length && same < text.length && was[same] === text[same]) same++;
    let tail = 0;
    while (tail < was.length - same && tail < text.length - same && was[was.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
    const moved = (at) => at <= same ? at : at >= was.length - tail ? at + text.length - was.length : Math.min(at, text.length - tail);
    el.value = text;
    el.setSelectionRange(moved(from), moved(to));
    grow(el);
  }
  function grow(el) {
    if (el.tagName !== 'TEXTAREA') return;
    el.style.height = 'auto';
    el.style.height = `${el.scrollHeight + 2}px`;
  }
  function draw(field) {
    const entry = unsent.get(field), text = entry ? latest(entry) : known.get(field)?.value ?? '';
    for (const el of inputs(field)) {
      put(el, text);
      el.toggleAttribute('data-unsent', !!entry);
    }
    root.dispatchEvent(new CustomEvent('unsent', { detail: unsent.size }));
  }

  function typed(e) {
    const field = e.target.dataset?.field;
    if (!field || !mayWrite) return;
    const entry = unsent.get(field) ?? { over: known.get(field)?.over ?? [], sent: null, next: null };
    entry.next = textOf(e.target);
    unsent.set(field, entry);
    keep(field);
    grow(e.target);
    for (const el of inputs(field)) if (el !== e.target) put(el, entry.next);
    e.target.toggleAttribute('data-unsent', true);
    later(WAIT);
  }
  function later(ms) {
    if (timer || gone) return;
    timer = setTimeout(() => { timer = 0; send(); }, ms);
  }

  async function send() {
    if (busy || gone || unsent.size === 0) return;
    const batch = [];
    for (const [field, entry] of unsent) {
      if (!entry.sent && entry.next === (known.get(field)?.value ?? '') && entry.over.join() === (known.get(field)?.over ?? []).join()) {
        unsent.delete(field);   // typed and taken back: nothing to say
        keep(field);
        draw(field);
        continue;
      }
      // The same patch again until it is answered, so that one that arrived without its answer is not written twice.
      entry.sent ??= { id: newId(), over: entry.over, value: entry.next };
      if (entry.next === entry.sent.value) entry.next = null;
      keep(field);
      batch.push({ field, ...entry.sent });
      if (batch.length === 50) break;
    }
    if (batch.length === 0) return;
    busy = true;
    try {
      const answers = await callback.invokeMethodAsync('PatchAsync', batch);
      for (const [i, { field, id, value }] of batch.entries()) {
        const entry = unsent.get(field);
        if (answers[i]) { refused(field, entry, answers[i]); continue; }
        entry.over = [id];
        entry.sent = null;
        if ((known.get(field)?.over ?? []).join() === '' || entry.next === null) known.set(field, { value, over: [id] });
        if (entry.next === null) unsent.delete(field);
        keep(field);
        draw(field);
      }
      if (unsent.size > 0) later(WAIT);
    } catch {
      later(AGAIN);   // the connection is gone; the bar at the foot says so, and the texts are kept
    } finally {
      busy = false;
    }
    if (unsent.size > 0) later(AGAIN);
  }
  // The text stays in the field and in this browser; what is wrong is said beside it by the page.
  function refused(field, entry, again) {
    entry.next ??= entry.sent.value;
    entry.sent = null;
    entry.over = known.get(field)?.over ?? [];
    keep(field);
    if (again === 'again') later(AGAIN);
  }

  function focus(e) {
    const field = e.type === 'focusin' ? e.target.dataset?.field ?? null : null;
    if (field === here) return;
    here = field;
    callback.invokeMethodAsync('Here', field).catch(() => { /* as above */ });
  }

  root.addEventListener('input', typed);
  root.addEventListener('change', typed);
  root.addEventListener('focusin', focus);
  root.addEventListener('focusout', focus);
  // The console loads the page anew by itself after a restart; the texts are still here then, so nobody need be asked.
  const leaving = (e) => { if (unsent.size > 0 && !('reloading' in document.documentElement.dataset)) { send(); e.preventDefault(); } };
  addEventListener('beforeunload', leaving);
  if (unsent.size > 0) later(0);

  return {
    /** What the console has, of the fields that changed: [{ field, value, over }]. */
    show(fields) {
      for (const { field, value, over } of fields) {
        known.set(field, { value, over });
        draw(field);
      }
    },
    /** Rows came or went: their fields get their texts. */
    drawAll() { for (const el of root.querySelectorAll('[data-field]')) draw(el.dataset.field); },
    flush() { clearTimeout(timer); timer = 0; return send(); },
    dispose() {
      gone = true;
      clearTimeout(timer);
      removeEventListener('beforeunload', leaving);
    },
  };
}
