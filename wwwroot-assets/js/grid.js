// The matrix as a grid: moves between cells and opens them for typing without asking the console. What was typed is sent when the cell is left.
const PART = 8000; // a message over 32 KB would end the circuit

export function attach(root, callback, mayEdit) {
  const box = root.querySelector('.grid-scroll');
  let current = null, editor = null, dragged = null, early = null, previewing = 0, selecting = 0, wanted = 0;

  const cells = (row) => [...row.querySelectorAll('[data-col]')];
  const rows = () => [...root.querySelectorAll('tr[data-key]')];
  const place = (cell) => ({ kind: cell.closest('[data-grid]').dataset.grid, key: Number(cell.closest('tr').dataset.key), col: cell.dataset.col });
  const call = (name, ...args) => callback.invokeMethodAsync(name, ...args).catch(() => { /* the circuit is gone; the bar at the foot says so */ });
  const find = (kind, key, col) => root.querySelector(`[data-grid="${kind}"] tr[data-key="${key}"] [data-col="${col}"]`);

  function mark(cell) {
    if (current && current !== cell) { current.tabIndex = -1; }
    current = cell;
    cell.tabIndex = 0;
  }
  function go(cell) {
    if (!cell?.isConnected) return false;
    mark(cell);
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    return true;
  }
  function step(cell, down, right) {
    const row = cell.closest('tr'), line = cells(row), all = rows();
    if (down) {
      const next = all[all.indexOf(row) + down];
      return next && (next.querySelector(`[data-col="${cell.dataset.col}"]`) ?? cells(next)[0]);
    }
    return line[line.indexOf(cell) + right];
  }
  // The next cell in reading order, for Tab while typing.
  function along(cell, by) {
    const every = rows().flatMap(cells);
    return every[every.indexOf(cell) + by];
  }
  // Something must be reachable with Tab, whatever was drawn or taken away.
  function anchor() {
    if (current?.isConnected) return;
    const first = root.querySelector('tr[data-key] [data-col]');
    current = null;
    if (first) mark(first);
  }

  function open(cell, text) {
    if (!mayEdit || editor) return;
    const long = cell.dataset.long !== undefined;
    const field = document.createElement(long ? 'textarea' : 'input');
    const at = cell.getBoundingClientRect(), frame = box.getBoundingClientRect();
    field.className = 'cell-editor';
    field.value = text ?? cell.dataset.text ?? '';
    field.maxLength = 8000;
    field.spellcheck = long;
    field.autocomplete = 'off';
    field.setAttribute('aria-label', `${cell.dataset.label ?? cell.dataset.col}`);
    if (cell.dataset.list) field.setAttribute('list', cell.dataset.list);
    if (cell.dataset.hint) field.placeholder = cell.dataset.hint;
    Object.assign(field.style, {
      left: `${at.left - frame.left + box.scrollLeft}px`, top: `${at.top - frame.top + box.scrollTop}px`,
      width: `${Math.min(Math.max(at.width, long ? 320 : 160), frame.width)}px`, minHeight: `${at.height}px`,
    });
    editor = { field, cell, began: cell.dataset.text ?? '', at: place(cell) };
    box.append(field);
    field.focus();
    if (text === undefined) field.select();
    field.addEventListener('input', () => {
      clearTimeout(previewing);
      previewing = setTimeout(() => { if (editor) call('Preview', editor.at.kind, editor.at.key, editor.at.col, editor.field.value); }, 250);
    });
    field.addEventListener('keydown', typing);
    field.addEventListener('blur', () => close(true));
  }
  function close(keep) {
    if (!editor) return null;
    const { field, cell, began, at: p } = editor;   // the row may have left the page meanwhile
    editor = null;
    clearTimeout(previewing);
    const text = field.value;
    field.remove();
    if (keep && (text !== began || (cell.getAttribute('aria-invalid') && document.hasFocus()))) call('Commit', p.kind, p.key, p.col, text, began);
    else if (text !== began) call('Preview', p.kind, p.key, p.col, began);
    return cell;
  }
  function typing(e) {
    if (e.isComposing) return;
    e.stopPropagation();
    if (e.key === 'Escape') { e.preventDefault(); go(close(false)); return; }
    if (e.key === 'Tab') { e.preventDefault(); const cell = close(true); go(along(cell, e.shiftKey ? -1 : 1) ?? cell); return; }
    if (e.key === 'Enter' && !e.shiftKey) {
      e.preventDefault();
      const p = editor.at, cell = close(true);
      if (e.ctrlKey || e.metaKey) { go(cell); add(p); }
      else go(step(cell, 1, 0) ?? cell);
      return;
    }
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 's') { e.preventDefault(); const p = editor.at, cell = close(true); go(cell); call('Act', p.kind, p.key, p.col, 'save'); }
  }

  // The new row comes from the console; what is typed on the way there belongs to it.
  function add(p) {
    early = { text: '', until: Date.now() + 2000 };
    call('Act', p.kind, p.key, p.col, 'add');
  }

  function keydown(e) {
    if (early && Date.now() < early.until && e.key.length === 1 && !e.ctrlKey && !e.metaKey && !e.altKey) { e.preventDefault(); early.text += e.key; return; }
    const cell = e.target.closest?.('[data-col]');
    if (!cell || e.target !== cell || e.isComposing) return;
    const p = place(cell), ctrl = e.ctrlKey || e.metaKey;
    const act = (verb) => { e.preventDefault(); call('Act', p.kind, p.key, p.col, verb); };
    const move = (to) => { e.preventDefault(); go(to); };
    const line = cells(cell.closest('tr')), all = rows();
    if (e.altKey && !ctrl) {
      if (e.key === 'ArrowUp' && mayEdit) return act('up');
      if (e.key === 'ArrowDown' && mayEdit) return act('down');
      if (e.key === 'Enter') return act('details');
      return;
    }
    if (ctrl) {
      if (e.key === 'Home') return move(cells(all[0])[0]);
      if (e.key === 'End') return move(cells(all.at(-1)).at(-1));
      if (!mayEdit) return;
      if (e.key === 'Enter') { e.preventDefault(); return add(p); }
      if (e.key === 'Delete' || e.key === 'Backspace') return act('remove');
      const key = e.key.toLowerCase();
      if (key === 'd') return act('duplicate');
      if (key === 's') return act('save');
      if (key === 'y' || (key === 'z' && e.shiftKey)) return act('redo');
      if (key === 'z') return act('undo');
      return;
    }
    switch (e.key) {
      case 'ArrowUp': return move(step(cell, -1, 0));
      case 'ArrowDown': return move(step(cell, 1, 0));
      case 'ArrowLeft': return move(step(cell, 0, -1));
      case 'ArrowRight': return move(step(cell, 0, 1));
      case 'Escape': e.preventDefault(); document.getElementById('main')?.focus(); return;
      case 'Home': return move(line[0]);
      case 'End': return move(line.at(-1));
      case 'PageUp': return move(all[Math.max(0, all.indexOf(cell.closest('tr')) - 15)].querySelector(`[data-col="${p.col}"]`));
      case 'PageDown': return move(all[Math.min(all.length - 1, all.indexOf(cell.closest('tr')) + 15)].querySelector(`[data-col="${p.col}"]`));
      case 'Enter': case 'F2': e.preventDefault(); if (mayEdit) open(cell); else act('details'); return;
      case 'Delete': case 'Backspace': if (mayEdit) { e.preventDefault(); if (cell.dataset.text) call('Commit', p.kind, p.key, p.col, '', cell.dataset.text); } return;
    }
    if (mayEdit && e.key.length === 1) { e.preventDefault(); open(cell, e.key); }
  }

  async function pasted(e) {
    if (!mayEdit || editor || !root.isConnected || e.target.closest?.('input, textarea, select, dialog') || document.querySelector('dialog:modal')) return;
    const cell = e.target.closest?.('[data-col]');
    const text = (e.clipboardData?.getData('text/plain') ?? '').replace(/\r\n?/g, '\n').replace(/\n+$/, '');
    if (!text) return;
    e.preventDefault();
    const p = cell ? place(cell) : { kind: 'rule', key: 0 };
    if (cell && !/[\t\n]/.test(text)) { if (text !== cell.dataset.text) call('Commit', p.kind, p.key, p.col, text.slice(0, 8000), cell.dataset.text); return; }
    for (let at = 0; at < text.length;) {
      let end = Math.min(text.length, at + PART);
      if (end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1])) end--;
      await call('PastePart', text.slice(at, end), end === text.length, p.kind, p.key);
      at = end;
    }
  }
  function copied(e) {
    const cell = e.target.closest?.('[data-col]');
    if (!cell || editor || String(getSelection()) !== '') return;
    const quote = (t) => (/[\t\n"]/.test(t) ? `"${t.replaceAll('"', '""')}"` : t);
    const row = cell.closest('tr');
    const line = (json) => JSON.parse(json).map(quote).join('\t');
    const text = cell.tagName === 'TH' ? `${line(root.dataset.head)}\n${line(row.dataset.copy)}` : cell.dataset.text ?? '';
    e.clipboardData.setData('text/plain', text);
    e.preventDefault();
  }

  const on = (name, listener) => root.addEventListener(name, listener);
  on('keydown', keydown);
  document.addEventListener('paste', pasted); // also where there is no row yet
  on('copy', copied);
  on('focusin', (e) => {
    const cell = e.target.closest?.('[data-col]');
    if (!cell || e.target !== cell) return;
    mark(cell);
    clearTimeout(selecting);
    const p = place(cell);
    selecting = setTimeout(() => call('Selected', p.kind, p.key), 120);
  });
  on('dblclick', (e) => { const cell = e.target.closest?.('[data-col]'); if (cell) open(cell); });
  on('click', (e) => {
    const cell = e.target.closest?.('[data-col]');
    if (!cell || e.target.closest('a, button')) return;
    const again = document.activeElement === cell && cell.dataset.was === '1';
    rows().forEach((r) => cells(r).forEach((c) => delete c.dataset.was));
    cell.dataset.was = '1';
    go(cell);
    if (again && matchMedia('(pointer: coarse)').matches) open(cell);
  });
  on('dragstart', (e) => { const head = e.target.closest?.('th[draggable]'); if (head) { dragged = place(head); e.dataTransfer.effectAllowed = 'move'; } });
  on('dragover', (e) => { const row = e.target.closest?.('tr[data-key]'); if (dragged && row?.closest('[data-grid]').dataset.grid === dragged.kind) { e.preventDefault(); row.classList.add('drop'); } });
  on('dragleave', (e) => e.target.closest?.('tr[data-key]')?.classList.remove('drop'));
  on('drop', (e) => {
    const row = e.target.closest?.('tr[data-key]');
    rows().forEach((r) => r.classList.remove('drop'));
    if (!dragged || !row) return;
    e.preventDefault();
    call('Moved', dragged.key, Number(row.dataset.key));
    dragged = null;
  });
  on('dragend', () => { dragged = null; rows().forEach((r) => r.classList.remove('drop')); });

  // A cell being typed would go with the page. (Texts that were not understood: the page asks.)
  const unsaved = (e) => { if (editor) e.preventDefault(); };
  addEventListener('beforeunload', unsaved);
  const seen = new MutationObserver(anchor);
  seen.observe(root, { childList: true, subtree: true });
  anchor();

  // Columns beyond the right edge are said to be there. The first column is only held fast while the grid is scrolled aside: three hundred sticky cells cost the browser at every key.
  const edge = () => {
    root.toggleAttribute('data-more', box.scrollLeft + box.clientWidth < box.scrollWidth - 8);
    root.toggleAttribute('data-aside', box.scrollLeft > 0);
  };
  const sizes = new ResizeObserver(edge);
  for (const el of [box, ...box.querySelectorAll('table')]) sizes.observe(el);
  box.addEventListener('scroll', edge, { passive: true });
  return {
    // The row may be drawn a moment later than this is called; what is typed meanwhile is kept for it.
    focus(kind, key, col, edit) {
      const until = Date.now() + 1000, mine = ++wanted;
      (function put() {
        if (mine !== wanted) return;   // another cell was asked for meanwhile
        const cell = find(kind, key, col);
        if (!cell && Date.now() < until) { requestAnimationFrame(put); return; }
        const text = early?.text || undefined;
        early = null;
        if (go(cell) && edit) open(cell, text);
      })();
    },
    detach() { seen.disconnect(); sizes.disconnect(); document.removeEventListener('paste', pasted); removeEventListener('beforeunload', unsaved); close(true); },
  };
}
