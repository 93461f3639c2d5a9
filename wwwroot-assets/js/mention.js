// Completes the names of members after an @ in a text area, by keyboard or pointer. The list belongs to this script; the page leaves it alone.
export function attach(area, list, names) {
  let at = -1, found = [], active = 0;

  const close = () => {
    found = [];
    list.hidden = true;
    list.replaceChildren();
    area.removeAttribute('aria-activedescendant');
  };
  function draw() {
    list.replaceChildren(...found.map((name, i) => {
      const option = document.createElement('li');
      option.id = `${list.id}-${i}`;
      option.role = 'option';
      option.textContent = name;
      option.ariaSelected = String(i === active);
      option.addEventListener('pointerdown', (e) => { e.preventDefault(); take(name); });
      return option;
    }));
    list.hidden = false;
    area.setAttribute('aria-activedescendant', `${list.id}-${active}`);
  }
  function look() {
    const before = area.value.slice(0, area.selectionStart);
    at = before.lastIndexOf('@');
    const word = at < 0 ? '' : before.slice(at + 1).toLowerCase();
    if (at < 0 || /[\p{L}\p{N}]$/u.test(before.slice(0, at)) || word.includes('\n') || names.some((n) => word.startsWith(`${n.toLowerCase()} `))) return close();
    found = names.filter((n) => [n, ...n.split(' ')].some((part) => part.toLowerCase().startsWith(word))).slice(0, 8);
    active = 0;
    return found.length === 0 ? close() : draw();
  }
  function take(name) {
    const after = area.value.slice(area.selectionStart), caret = at + name.length + 2;
    area.value = `${area.value.slice(0, at)}@${name} ${after}`;
    area.setSelectionRange(caret, caret);
    close();
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
  function keydown(e) {
    if (found.length === 0 || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      active = (active + (e.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length;
      draw();
    } else if (e.key === 'Enter' || e.key === 'Tab') take(found[active]);
    else if (e.key === 'Escape') close();
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  area.addEventListener('input', look);
  area.addEventListener('keydown', keydown);
  area.addEventListener('blur', close);
  if (area === document.activeElement) look();   // somebody may have been quicker than this script
}
