// The browser's own notifications, while a page of the console is open. They say what the server composed, as text.
const known = () => typeof Notification === 'function' && isSecureContext;

/** 'granted', 'denied', 'default' (nobody was asked yet) or 'none': this browser has none here, as on plain http. */
export const state = () => (known() ? Notification.permission : 'none');

/** Asks; browsers let a page do so only from a press of a button. */
export const ask = async () => (known() ? await Notification.requestPermission() : 'none');

/** Shows one; the same tag replaces the one before, so that several open pages tell a thing once. On the desk itself the queue says it. */
export function show(title, body, path, tag) {
  if (state() !== 'granted' || (document.hasFocus() && location.pathname.startsWith('/approvals'))) return;
  try {
    const shown = new Notification(title, { body, tag, icon: '/icons/favicon.svg' });
    shown.onclick = () => { window.focus(); location.assign(path); shown.close(); };
  } catch { /* some phones show them only from a service worker, which the console has none of */ }
}
