// A live page talks over a socket, which renews no cookie. While somebody works, ask for a renewal now and then, so that nobody is
// signed out in the middle of it; a page that nobody touches lets the session end.
const every = 5 * 60 * 1000;
let last = Date.now();
const worked = () => {
  if (Date.now() - last < every) return;
  last = Date.now();
  fetch('/account/keep-alive', { method: 'POST', credentials: 'same-origin' }).catch(() => { /* the next five minutes try again */ });
};
addEventListener('pointerdown', worked, { passive: true });
addEventListener('keydown', worked, { passive: true });
