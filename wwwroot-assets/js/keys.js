// The keyboard: `/` (the page's own search, where it has one), `?`, `g x` for everybody, and what the page on screen has asked for. Never while somebody is typing.
const pages = new Map(); // id → { keys, callback }, last one wins
let nextId = 1, leader = 0;

const typing = (el) => el?.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el?.tagName ?? '') && !/^(checkbox|radio|button|submit|reset)$/.test(el.type);
const acts = (el) => !!el?.closest?.('a[href], button, summary, [role="button"], [role="menuitem"], input');

export function register(keys, callback) { pages.set(nextId, { keys, callback }); return nextId++; }
export function update(id, keys) { const page = pages.get(id); if (page) page.keys = keys; }
export function unregister(id) { pages.delete(id); }

function goTo(letter) {
  const link = document.querySelector(`a[data-keys="g ${CSS.escape(letter)}"]`);
  if (link) link.click();
  return !!link;
}

// Whoever is led to another page in the middle of a word goes on typing for a moment: that is no key of the new page.
let typed = { at: 0, path: '' };
document.addEventListener('input', () => { typed = { at: Date.now(), path: location.pathname }; }, true);
const astray = () => Date.now() - typed.at < 2000 && typed.path !== location.pathname;

document.addEventListener('keydown', (e) => {
  if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
  if (typing(e.target)) {
    if (e.key === 'Escape') e.target.blur();
    else if (e.key === 'Enter' && 'pageSearch' in e.target.dataset) setTimeout(() => e.target.blur());   // once it is sent, the keys are the list's again
    return;
  }
  if (document.querySelector('dialog:modal, .rz-dialog') || astray()) return;
  if ((e.key === 'Enter' || e.key === ' ') && acts(e.target)) return;

  if (leader && Date.now() - leader < 1200) { leader = 0; if (goTo(e.key)) { e.preventDefault(); return; } }
  if (e.key === 'g') { leader = Date.now(); return; }
  if (e.key === '/') { const box = document.querySelector('[data-page-search]') ?? document.getElementById('search'); if (box) { box.focus(); box.select(); e.preventDefault(); } return; }
  if (e.key === '?') { document.getElementById('keys-help')?.showModal(); e.preventDefault(); return; }

  // a held key may walk a list, but never decides twice
  if (e.repeat && !/^(j|k|Arrow\w+)$/.test(e.key)) return;
  for (const page of [...pages.values()].reverse()) {
    if (!page.keys.includes(e.key)) continue;
    e.preventDefault();
    page.callback.invokeMethodAsync('Pressed', e.key).catch(() => { /* the circuit is gone; the bar at the foot says so */ });
    return;
  }
});
