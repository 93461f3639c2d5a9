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

// Ctrl+Enter (⌘ on a Mac) is the main button of the open dialog, out of a text box too. Leaving the box sends what stands in it, and the button may wait for that.
document.addEventListener('keydown', (e) => {
  if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || e.repeat || e.isComposing) return;
  // What had the focus may just have gone with its step; the dialog is still the one.
  const dialog = e.target.closest?.('dialog:modal') ?? (e.target === document.body ? [...document.querySelectorAll('dialog:modal')].at(-1) : null);
  if (!dialog) return;
  e.preventDefault();
  if (e.target.matches('textarea, input, select')) e.target.dispatchEvent(new Event('change', { bubbles: true }));
  const press = (tries) => {
    const button = dialog.querySelector('footer .button.primary');
    if (!dialog.open || !button) return;
    if (!button.disabled) button.click();
    else if (tries > 0) setTimeout(press, 50, tries - 1);
  };
  press(20);
});

function giveBack(dialog) {
  const opener = openers.get(dialog);
  openers.delete(dialog);
  if (opener?.isConnected) opener.focus();
  else if (document.activeElement === document.body) document.getElementById('main')?.focus();
}
