// Marks that link are reached by keyboard: one stop for a chart, arrows from mark to mark, Enter to follow.
// See https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/#kbd_roving_tabindex

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Returns a function to call after each drawing: it makes the marks that link reachable. */
export function openKeyboard(plot, tooltip) {
  let current = 0;
  plot.addEventListener('keydown', (event) => {
    const marks = linked(plot);
    const at = marks.indexOf(event.target);
    if (at < 0) return;
    if (event.key in STEPS) move(marks, (at + STEPS[event.key] + marks.length) % marks.length);
    else if (event.key === 'Home') move(marks, 0);
    else if (event.key === 'End') move(marks, marks.length - 1);
    else if (event.key === 'Enter') follow(event.target);
    else return;
    event.preventDefault();
  });
  plot.addEventListener('focusin', ({ target }) => {
    const { left, right, top } = target.getBoundingClientRect();
    tooltip.show(target.getAttribute('aria-label'), (left + right) / 2, top);
  });
  plot.addEventListener('focusout', () => tooltip.hide());
  return () => linked(plot).forEach((mark, at) => prepare(mark, at === current));

  function move(marks, to) {
    current = to;
    marks.forEach((mark, at) => prepare(mark, at === to));
    marks[to].focus();
  }
}

/** The elements of marks with an address, as Vega binds them: `__data__` is the mark's item. */
function linked(plot) {
  return [...plot.querySelectorAll('[role="graphics-symbol"], [role="link"]')].filter((mark) => mark.__data__?.href);
}

function prepare(mark, isStop) {
  mark.setAttribute('role', 'link');
  mark.removeAttribute('aria-roledescription');
  mark.setAttribute('tabindex', isStop ? '0' : '-1');
}

/** As a click does: Vega finds the mark under the pointer by the event's target, and follows its address. */
function follow(mark) {
  mark.dispatchEvent(new MouseEvent('click', { bubbles: true, view: window }));
}
