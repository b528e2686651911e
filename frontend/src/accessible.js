// What YASGUI lacks for keyboards and screen readers, as axe-core finds it.

const LABELS = { 'select.tableSizer': 'Rows on a page', '.yasr_results .CodeMirror textarea': 'Response' };
// What scrolls has to be reached to be scrolled by keyboard.
const SCROLLED = { '.yasqe .CodeMirror-scroll': 'The query as shown', '.yasr_results': 'Results' };

/** Names controls without a label as they appear, and takes the button for a new tab out of the list of tabs. */
export function makeAccessible(yasgui) {
  const label = () => {
    for (const [selector, text] of Object.entries(SCROLLED)) {
      for (const scrolled of yasgui.rootEl.querySelectorAll(`${selector}:not([role])`)) {
        scrolled.setAttribute('role', 'group');
        scrolled.setAttribute('aria-label', text);
        scrolled.setAttribute('tabindex', '0');
      }
    }
    for (const [selector, text] of Object.entries(LABELS)) {
      for (const control of yasgui.rootEl.querySelectorAll(`${selector}:not([aria-label])`)) {
        control.setAttribute('aria-label', text);
      }
    }
  };
  new MutationObserver(label).observe(yasgui.rootEl, { childList: true, subtree: true });
  label();
  const button = document.createElement('button');
  button.className = 'newTab';
  button.textContent = 'New query';
  button.addEventListener('click', () => {
    const tab = yasgui.addTab(true);
    tab.show();
    tab.getYasqe().focus();
  });
  yasgui.rootEl.prepend(button);
}
