/** The keyboard is a telephone too: digits dial, and every button that shows a shortcut has it. */
export function listenToKeys(press) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
      return;
    }
    const { key } = event;
    if (/^[0-9*#]$/.test(key)) {
      press(key);
      return;
    }

    const onButton = event.target.closest('button') !== null; // There, Enter is the button's own.
    const busy = !['ready', 'ended'].includes(document.body.dataset.state);
    const id = { m: 'mute', s: 'say', Enter: !onButton && !busy && 'call', Escape: busy && 'call' }[key.length === 1 ? key.toLowerCase() : key];
    if (id) {
      document.getElementById(id).click();
    }
  });
}
