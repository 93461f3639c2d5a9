// Texts that stay in this browser until the console has them: through a lost line, a restarted console and a page that is loaded again.
const WAIT = 1000, AGAIN = 2000, LOST = 6000;
const PREFIX = 'draft:';

export const drop = (key) => {
  try { sessionStorage.removeItem(PREFIX + key); } catch { /* then there is nothing in it */ }
};
export const held = (key) => {
  try { return JSON.parse(sessionStorage.getItem(PREFIX + key)); } catch { return null; }
};
const hold = (key, what) => {
  try { sessionStorage.setItem(PREFIX + key, JSON.stringify(what)); } catch { /* full or forbidden: the text is still in the page */ }
};

// Fields that the page sends together, later: what is around them says under which key, each of them under which name.
document.addEventListener('input', (e) => {
  const name = e.target.dataset?.draft, key = name && e.target.closest('[data-drafts]')?.dataset.drafts;
  if (key) hold(key, { ...held(key), [name]: e.target.value });
});

/** One text that goes on record while it is typed, at most once a second. `kept`: what is on record; `status` says so, and belongs to this script. */
export function attach(area, status, key, kept, callback) {
  let timer = 0, busy = false, gone = false;
  const later = (ms) => { timer ||= setTimeout(send, ms); };
  const say = (words) => { status.textContent = words; };
  const typed = () => {
    hold(key, area.value);
    if (area.value !== kept) say('Not kept yet');
    later(WAIT);
  };

  async function send() {
    timer = 0;
    if (busy || gone || !area.isConnected) return;
    const text = area.value;
    if (text === kept) {
      drop(key);
      say(text ? 'Kept' : '');
      return;
    }
    if (document.documentElement.dataset.connection !== 'live') { later(AGAIN); return; }
    busy = true;
    let answer = 'again';
    try {
      // A call that went into a broken line is never answered, also when the line is mended.
      answer = await Promise.race([callback.invokeMethodAsync('KeepAsync', text), new Promise((_, lost) => { setTimeout(lost, LOST); })]);
    } catch { /* the line is gone; the bar at the foot says so, and the text is held */ }
    busy = false;
    if (answer === '') {
      kept = text;
      if (area.value === kept) send(); else later(WAIT);
    } else if (answer === 'again' || area.value !== text) later(AGAIN);
    else say(answer);   // refused for good: until it is typed anew
  }

  area.value = held(key) ?? (area.value && area.value !== kept ? area.value : kept);   // somebody may have begun before this came
  area.addEventListener('input', typed);
  if (area.value === kept) drop(key); else typed();
  return {
    /** What is not on record yet; null when all is. */
    leave() {
      gone = true;
      clearTimeout(timer);
      return area.value === kept ? null : area.value;
    },
  };
}
