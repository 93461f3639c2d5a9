// The parts of the shell that need no circuit: theme, rail, menus, search, clocks, connection state. Everything is delegated from
// the document, so it works on statically rendered pages and survives every re-render.
const year = 365 * 24 * 3600;
const root = document.documentElement;
const remember = (name, value) => {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${year}; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
};

// Without an age a cookie lasts as long as the browser's session.
const rememberNow = (name, value) => { document.cookie = `${name}=${encodeURIComponent(value)}; path=/; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`; };

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
export const live = () => { root.dataset.live = 'true'; root.dataset.connection = 'live'; };
remember('opsconsole-zone', zone());

const dark = matchMedia('(prefers-color-scheme: dark)');
const theme = () => root.dataset.theme || (dark.matches ? 'dark' : 'light');
function setTheme(next) {
  root.dataset.theme = next;
  remember('opsconsole-theme', next);
  for (const sheet of document.querySelectorAll('link[data-theme-sheet]')) sheet.media = sheet.dataset.themeSheet === next ? 'all' : 'not all';
}

const actions = {
  theme: () => setTheme(theme() === 'dark' ? 'light' : 'dark'),
  reload: () => location.reload(),
  rail: () => {
    if (root.dataset.rail === 'collapsed') delete root.dataset.rail; else root.dataset.rail = 'collapsed';
    remember('opsconsole-rail', root.dataset.rail || 'open');
  },
  nav: (button) => {
    const open = root.dataset.nav !== 'open';
    if (open) root.dataset.nav = 'open'; else delete root.dataset.nav;
    button.setAttribute('aria-expanded', String(open));
  },
  keys: () => document.getElementById('keys-help')?.showModal(),
  'hide-banner': (button) => {
    const name = button.closest('[data-banner]').dataset.banner;
    root.dataset.hiddenBanner = name;
    rememberNow('opsconsole-hidden-banner', name);
    focusMain();
  },
  'close-dialog': (button) => button.closest('dialog')?.close(),
};
function closeNav() {
  if (root.dataset.nav !== 'open') return;
  delete root.dataset.nav;
  document.querySelector('[data-action="nav"]')?.setAttribute('aria-expanded', 'false');
}

document.addEventListener('click', (e) => {
  const button = e.target.closest('[data-action]');
  if (button && actions[button.dataset.action]) actions[button.dataset.action](button);
  const rollout = e.target.closest('[data-remember-rollout]');
  if (rollout) remember('opsconsole-rollout', rollout.dataset.rememberRollout);
  const copy = e.target.closest('[data-copy]');
  if (copy) copyText(copy);
  if (e.target.closest('nav a')) closeNav();
  for (const menu of document.querySelectorAll('details.menu[open]'))
    if (!menu.contains(e.target) || e.target.closest('.menu-item')) {
      if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();   // a closed menu would drop it
      menu.open = false;
    }
});
document.addEventListener('keydown', (e) => {
  if (e.key !== 'Escape') return;
  closeNav();
  const menu = document.querySelector('details.menu[open]');
  if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
});

async function copyText(button) {
  const said = button.querySelector('.copied');
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(button.dataset.copy);
    else if (!copyByHand(button.dataset.copy)) throw new Error('refused');
    if (said) said.textContent = 'Copied';
  } catch { if (said) said.textContent = 'Not copied: select the text instead'; }
  setTimeout(() => { if (said) said.textContent = ''; }, 2000);
}
function copyByHand(text) { // the clipboard API exists on https and localhost only; a workshop may run on plain http
  const area = Object.assign(document.createElement('textarea'), { value: text });
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

// One ticker for all clocks. It changes the text node that Blazor made and never replaces it: a later render finds it again.
const write = (el, text) => { if (el.firstChild?.nodeType === 3) { if (el.firstChild.nodeValue !== text) el.firstChild.nodeValue = text; } };
const pad = (n) => String(n).padStart(2, '0');
export function countdown(leftMs) {
  const late = leftMs < 0, s = Math.floor(Math.abs(leftMs) / 1000);
  const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  const text = h > 0 ? `${h}:${pad(m)}:${pad(s % 60)}` : `${m}:${pad(s % 60)}`;
  return late ? `${text} over` : `${text} left`;
}
export function relative(deltaMs) {
  const s = Math.floor(Math.abs(deltaMs) / 1000);
  const ahead = deltaMs > 0 ? 1 : 0; // what lies ahead is rounded: seven days but a second are no six
  const text = s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` : s < 172800 ? `${Math.floor((s + 1800 * ahead) / 3600)} h` : `${Math.floor((s + 43200 * ahead) / 86400)} days`;
  return s < 5 ? 'now' : deltaMs > 0 ? `in ${text}` : `${text} ago`;
}
/** The clock of a session's item: how long it takes already, or how far it is over its time box. */
export function boxed(takenMs, boxMs) {
  const over = takenMs > boxMs, s = Math.floor((over ? takenMs - boxMs : takenMs) / 1000);
  return `${over ? '+' : ''}${Math.floor(s / 60)}:${pad(s % 60)}`;
}
let skew = 0; // server minus browser: a laptop with a wrong clock must not show a wrong deadline
const seen = document.querySelector('meta[name="server-time"]');
if (seen) { const started = performance.timeOrigin + (performance.getEntriesByType('navigation')[0]?.responseStart ?? 0); const d = Number(seen.content) - started; if (Math.abs(d) > 5000) skew = d; }
function tick() {
  const now = Date.now() + skew;
  for (const el of document.querySelectorAll('[data-due]')) {
    const due = Number(el.dataset.due), left = due - now, whole = due - Number(el.dataset.from || due);
    el.dataset.level = left <= 0 || (whole > 0 && left / whole <= 0.1) ? 'late' : whole > 0 && left / whole <= 0.33 ? 'soon' : 'calm';
    write(el, countdown(left) + (left < 0 ? '' : { late: ' · urgent', soon: ' · soon' }[el.dataset.level] ?? ''));
  }
  for (const el of document.querySelectorAll('[data-box]')) {
    const taken = Number(el.dataset.before) + (el.dataset.since ? Math.max(0, now - Number(el.dataset.since)) : 0), box = Number(el.dataset.box);
    write(el, boxed(taken, box));
    el.dataset.level = taken > box ? 'late' : taken > box * 0.9 ? 'soon' : 'calm';
  }
  for (const el of document.querySelectorAll('[data-at]')) write(el, relative(Number(el.dataset.at) - now));
}
setInterval(tick, 1000);

// The exact time of a clock that came without one: lists leave it out, fifty rows must be cheap on the wire. Like ReaderClock.Exact.
const part = (at, options) => new Intl.DateTimeFormat('en-GB', { hourCycle: 'h23', ...options }).format(at);
const day = { weekday: 'short', day: 'numeric', month: 'short' }, clock = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
export function exact(at) {
  const shift = -at.getTimezoneOffset(), away = Math.abs(shift), utc = { timeZone: 'UTC' };
  const offset = shift === 0 ? 'UTC' : `UTC${shift < 0 ? '−' : '+'}${pad(Math.floor(away / 60))}:${pad(away % 60)}`;
  const there = part(at, { ...day, ...utc }) === part(at, day) ? '' : `${part(at, { ...day, ...utc }).replace(',', '')} `;
  return `${part(at, { ...day, year: 'numeric' }).replace(',', '')} ${part(at, clock)} (${offset}) · ${there}${part(at, { ...clock, ...utc })} UTC`;
}
document.addEventListener('mouseover', (e) => {
  const el = e.target.closest?.('[data-due]:not([title]), [data-due][data-exact]');
  if (el) { el.title = exact(new Date(Number(el.dataset.due))); el.dataset.exact = 'true'; }
});

// What somebody has typed and not sent would be lost with the document.
const typed = new Set();
let last = { at: 0, on: '' };
document.addEventListener('input', (e) => { typed.add(e.target); last = { at: Date.now(), on: location.pathname }; }, { passive: true });
// Fields of a worksheet and drafts keep their own text over a reload.
const unsent = () => [...typed].some((el) => el.isConnected && !el.dataset.field && !('draft' in el.dataset) && (el.value || el.isContentEditable));

// Whether leaving this page, or being led away from it, would lose or interrupt something.
export const busy = () => (Date.now() - last.at < 5000 && last.on === location.pathname) || unsent() || !!document.querySelector('dialog:modal, [data-saved="no"], [data-unsent]');

// Blazor says the state of the connection by a class on its own element. After a restart the console no longer knows this page, and
// after some minutes Blazor stops trying: then load it anew as soon as the console answers, unless words would be lost by it.
const modal = document.getElementById('components-reconnect-modal');
const is = (state) => modal.classList.contains('components-reconnect-' + state);
let asking = 0;
async function comeBack() {
  clearTimeout(asking);
  if (!is('failed') && !is('rejected')) return;
  const answers = await fetch('/health/live', { cache: 'no-store' }).then((r) => r.ok, () => false);
  if (answers && !unsent()) { root.dataset.reloading = ''; location.reload(); return; }
  asking = setTimeout(comeBack, 5000);
}
const lost = () => is('show') || is('failed') || is('rejected');
if (modal) new MutationObserver(() => {
  root.dataset.connection = lost() ? 'lost' : 'live';
  place();
  comeBack();
}).observe(modal, { attributeFilter: ['class'] });

// An open dialog makes everything outside it inert, the bars too: while they have something to say, they stand inside it.
const broken = document.getElementById('blazor-error-ui');
function place() {
  const dialog = [...document.querySelectorAll('dialog:modal')].pop() ?? document.body;
  for (const [bar, says] of [[modal, modal && lost()], [broken, broken && broken.style.display === 'block']]) {
    const home = says ? dialog : document.body;
    if (bar && bar.parentElement !== home) home.append(bar);
  }
}
if (broken) new MutationObserver(place).observe(broken, { attributeFilter: ['style'] });
for (const event of ['toggle', 'close']) document.addEventListener(event, (e) => { if (e.target instanceof HTMLDialogElement) place(); }, true);

export const focusMain = () => document.getElementById('main')?.focus();
