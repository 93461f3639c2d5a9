// Fields of worksheets that several people type into. A text stays in this browser until the console has it on record: through a lost connection, a restarted console and a page that is loaded again.
const WAIT = 350, AGAIN = 2000, LOST = 6000, HOLD = 4000;

const newId = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

export function attach(root, callback, rollout, person, mayWrite) {
  // Texts belong to whoever typed them: those of somebody else who was signed in in this tab wait until they are again.
  const PREFIX = `worksheet:${person}:${rollout}:`;
  // Of each field: what the console has (the texts that stand, oldest first), which of them is in the input, and what it does not have yet: a patch on its way and the text after it.
  const known = new Map(), before = new Map(), unsent = new Map();
  // My own last text of a field that the console has, and when I typed it.
  const own = new Map(), typedAt = new Map();
  let timer = 0, underway = null, gone = false, here = null;

  const inputs = (field) => root.querySelectorAll(`[data-field="${CSS.escape(field)}"]`);
  // Boxes of one field with items are one text: the items that are ticked, with commas between.
  const textOf = (el) => el.dataset.item ? [...inputs(el.dataset.field)].filter((box) => box.checked).map((box) => box.dataset.item).join(', ')
    : el.type === 'checkbox' ? (el.checked ? 'yes' : '') : el.value;
  const keep = (field) => {
    const entry = unsent.get(field);
    try {
      if (entry) sessionStorage.setItem(PREFIX + field, JSON.stringify(entry)); else sessionStorage.removeItem(PREFIX + field);
    } catch { /* full or forbidden: the text is still in the page */ }
  };
  const latest = (entry) => entry.next ?? entry.sent.value;
  const all = (field) => known.get(field) ?? [];
  const inside = (field) => root.contains(document.activeElement) && document.activeElement.dataset.field === field;
  // Whoever is just typing keeps their text under their fingers, also when somebody has gone over it meanwhile: then both stand.
  const held = (field) => own.has(field) && inside(field) && Date.now() - (typedAt.get(field) ?? 0) < HOLD && !all(field).some((text) => text.id === own.get(field).id) ? own.get(field) : null;
  // The text that is in the input: the first of those that stand, but whoever is in the field keeps the one that they have before them.
  const seen = (field) => held(field) ?? all(field).find((text) => text.id === before.get(field)) ?? all(field)[0];
  // Typing goes over the text that one sees and over one's own, never over what somebody else wrote at the same time: that stands until somebody chooses.
  const goesOver = (field) => held(field) ? [held(field).id] : all(field).filter((text) => text.mine || text.value === seen(field).value).map((text) => text.id);

  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    // What was refused is tried once more on a page that is loaded again: the reason may be gone, and else it is said again.
    try { unsent.set(key.slice(PREFIX.length), { ...JSON.parse(sessionStorage.getItem(key)), stuck: false }); } catch { sessionStorage.removeItem(key); }
  }

  function put(el, text) {
    if (el.dataset.item) { el.checked = text.split(',').some((item) => item.trim() === el.dataset.item); return; }
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
  // What did not fit is gone before anybody hears of it: that is said below the field until the text is shorter.
  function cut(el) {
    const note = el.closest('.live-field')?.querySelector('.cut');
    if (note) note.hidden = !(el.maxLength > 0 && el.value.length >= el.maxLength);
  }
  function draw(field) {
    const entry = unsent.get(field);
    if (!entry) before.set(field, (inside(field) ? seen(field) : all(field)[0])?.id);
    if (!entry && held(field)) setTimeout(() => { if (!gone) draw(field); }, typedAt.get(field) + HOLD - Date.now() + 10);
    const text = entry ? latest(entry) : seen(field)?.value ?? '';
    for (const el of inputs(field)) {
      put(el, text);
      if (!entry) cut(el);
      el.toggleAttribute('data-unsent', !!entry);
    }
    root.dispatchEvent(new CustomEvent('unsent', { detail: unsent.size }));
  }

  function typed(e) {
    const field = e.target.dataset?.field;
    if (!field || !mayWrite) return;
    // Leaving a text says 'change' once more, also when somebody has gone over it meanwhile: what was typed came with 'input'.
    if (e.type === 'change' && e.target.matches('textarea, input:not([type=checkbox], [type=radio])')) return;
    if (e.target.matches('textarea.line') && /[\r\n]/.test(e.target.value)) flatten(e.target);
    if (!unsent.has(field) && textOf(e.target) === (seen(field)?.value ?? '')) return;
    const entry = unsent.get(field) ?? { over: goesOver(field), sent: null, next: null };
    entry.next = textOf(e.target);
    entry.stuck = false;
    unsent.set(field, entry);
    typedAt.set(field, Date.now());
    keep(field);
    grow(e.target);
    cut(e.target);
    for (const el of inputs(field)) if (el !== e.target) put(el, entry.next);
    e.target.toggleAttribute('data-unsent', true);
    later(WAIT);
  }
  // A field of one line shows a long text in several, and has no line breaks: Enter makes none, and what is pasted gets spaces for them.
  function enter(e) {
    if (e.key === 'Enter' && !e.isComposing && e.target.matches('textarea.line')) e.preventDefault();
  }
  function flatten(el) {
    const one = (text) => text.replace(/\s*[\r\n]+\s*/g, ' '), at = one(el.value.slice(0, el.selectionStart)).length;
    el.value = one(el.value).trimEnd();
    el.setSelectionRange(at, at);
  }
  function later(ms) {
    if (timer || gone) return;
    timer = setTimeout(() => { timer = 0; send(); }, ms);
  }

  const live = () => document.documentElement.dataset.connection === 'live';

  // One batch at a time.
  const send = () => underway ??= sendBatch().finally(() => { underway = null; });

  async function sendBatch() {
    if (gone || unsent.size === 0) return;
    if (!live()) { later(AGAIN); return; }
    const batch = [];
    for (const [field, entry] of unsent) {
      if (entry.stuck) continue;
      if (!entry.sent && entry.next === (seen(field)?.value ?? '') && entry.over.join() === goesOver(field).join()) {
        unsent.delete(field);   // typed and taken back: nothing to say
        if (entry.refused) callback.invokeMethodAsync('TakenBack', rollout, field).catch(() => { /* the page is gone */ });
        keep(field);
        draw(field);
        continue;
      }
      // The same patch again until it is answered, so that one that arrived without its answer is not written twice.
      entry.sent ??= { id: newId(), over: entry.over, value: entry.next };
      if (entry.next === entry.sent.value) entry.next = null;
      keep(field);
      batch.push({ field, ...entry.sent, was: known.get(field) });
      if (batch.length === 50) break;
    }
    if (batch.length === 0) return;
    let wait = WAIT;
    try {
      // A call that went into a broken line is never answered, also when the line is mended: then the same patches are sent once more.
      const answers = await Promise.race([
        callback.invokeMethodAsync('PatchAsync', rollout, batch.map(({ field, id, over, value }) => ({ field, id, over, value }))),
        new Promise((_, lost) => { setTimeout(lost, LOST); }),
      ]);
      if (gone) return;   // whoever listens now has these texts and sends them as well
      for (const [i, { field, id, over, value, was }] of batch.entries()) {
        const entry = unsent.get(field);
        if (answers[i]) { refused(field, entry, answers[i]); continue; }
        entry.over = [id];
        entry.sent = null;
        entry.refused = false;
        // What the console has shown meanwhile is newer than this answer and stays. Else it is what was known, without what this patch went over: a text that somebody wrote at the same time still stands there.
        if (known.get(field) === was) known.set(field, [...(was ?? []).filter((text) => !over.includes(text.id)), { id, value, mine: true }]);
        before.set(field, id);
        own.set(field, { id, value });
        if (entry.next === null) unsent.delete(field);
        keep(field);
        draw(field);
      }
    } catch {
      wait = AGAIN;   // the connection is gone; the bar at the foot says so, and the texts are kept
    }
    if (waiting()) later(wait);

    // The text stays in the field and in this browser. One that is refused for good waits until it is typed anew; why is said beside it by the page.
    function refused(field, entry, word) {
      const standing = all(field).map((text) => text.id), over = entry.over.filter((id) => standing.includes(id));
      entry.next ??= entry.sent.value;
      entry.sent = null;
      if (word === 'again') wait = AGAIN;
      else {
        entry.refused = true;
        entry.stuck = over.length === entry.over.length;   // else it named a text that the console does not have: once more without it
      }
      entry.over = over;
      keep(field);
    }
  }
  const waiting = () => [...unsent.values()].some((entry) => !entry.stuck);

  // Undo of the own last edit, where the browser has none of its own: outside a field that is being typed into.
  function undo(e) {
    if (e.key.toLowerCase() !== 'z' || !(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || !mayWrite || document.querySelector('dialog:modal')) return;
    const at = document.activeElement;
    if (at instanceof HTMLElement && (at.isContentEditable || at.matches('textarea, select, input:not([type=checkbox], [type=radio])'))) return;
    e.preventDefault();
    callback.invokeMethodAsync('UndoAsync').catch(() => { /* the page is gone */ });
  }

  function focus(e) {
    const field = e.type === 'focusin' ? e.target.dataset?.field ?? null : null;
    if (field === here || !live()) return;
    here = field;
    callback.invokeMethodAsync('Here', field).catch(() => { /* as above */ });
  }

  // Whoever leaves a field sees what everybody sees in it.
  function left(e) {
    const field = e.target.dataset?.field;
    if (field && e.relatedTarget?.dataset?.field !== field) draw(field);
  }

  const heard = [[root, 'input', typed], [root, 'change', typed], [root, 'keydown', enter], [root, 'focusin', focus], [root, 'focusout', focus], [root, 'focusout', left], [document, 'keydown', undo]];
  for (const [at, event, listener] of heard) at.addEventListener(event, listener);
  // The console loads the page anew by itself after a restart; the texts are still here then, so nobody need be asked.
  const leaving = (e) => { if (unsent.size > 0 && !('reloading' in document.documentElement.dataset)) { send(); e.preventDefault(); } };
  addEventListener('beforeunload', leaving);
  if (unsent.size > 0) later(0);

  return {
    /** What the console has, of the fields that changed: [{ field, texts: [{ id, value, mine }] }], texts oldest first. */
    show(fields) {
      for (const { field, texts } of fields) {
        known.set(field, texts);
        draw(field);
      }
    },
    /** Rows came or went: their fields get their texts. */
    drawAll() { for (const el of root.querySelectorAll('[data-field]')) draw(el.dataset.field); },
    goTo(id) { document.getElementById(id)?.focus(); },
    async flush() { await underway; clearTimeout(timer); timer = 0; await send(); },
    /** What is not on record is sent first, while the page still listens; what cannot be sent now stays in this browser. */
    async dispose() {
      for (const [at, event, listener] of heard) at.removeEventListener(event, listener);
      const rest = async () => {
        for (let turn = 0; turn < 4 && live() && waiting(); turn++) {
          await underway;
          await send();
        }
      };
      await Promise.race([rest(), new Promise((late) => { setTimeout(late, LOST); })]);
      gone = true;
      clearTimeout(timer);
      removeEventListener('beforeunload', leaving);
    },
  };
}
