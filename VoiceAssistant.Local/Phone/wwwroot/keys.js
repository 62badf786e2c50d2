/** The keyboard is a telephone too: its keys press the page's buttons, so what is disabled stays so. */
export function listenToKeys(isGoingOn, press) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
      return;
    }
    const { key, target } = event;
    if (/^[0-9*#]$/.test(key)) {
      press(key);
    } else if (key === 'm' || key === 'M') {
      click('mute');
    } else if (key === 's' || key === 'S') {
      click('say');
    } else if (key === 'Escape' && isGoingOn()) {
      click('call');
    } else if (key === 'Enter' && !isGoingOn() && !target.closest('button')) { // On a button, Enter is its own.
      click('call');
    }
  });
}

const click = (id) => document.getElementById(id).click();
