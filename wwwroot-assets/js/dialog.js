// Native dialogs: showModal() traps the focus; closing gives it back to where it was, also when the dialog leaves the page.
const openers = new WeakMap();

export function show(dialog, callback) {
  if (!dialog || dialog.open) return;
  openers.set(dialog, document.activeElement);
  dialog.addEventListener('close', () => { giveBack(dialog); callback.invokeMethodAsync('Closed').catch(() => { /* circuit gone */ }); }, { once: true });
  dialog.showModal();
  dialog.querySelector('[data-autofocus]')?.focus();
}
export function close(dialog) { if (dialog?.open) dialog.close(); }
function giveBack(dialog) {
  const opener = openers.get(dialog);
  openers.delete(dialog);
  if (opener?.isConnected) opener.focus();
  else if (document.activeElement === document.body) document.getElementById('main')?.focus();
}
