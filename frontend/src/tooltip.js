// The text beside a mark. Only ever text: names come from data.

export class Tooltip {
  constructor(element) {
    this.element = element;
    this.box = document.createElement('div');
    this.box.className = 'tooltip';
    this.box.hidden = true;
    this.box.setAttribute('aria-hidden', 'true'); // the mark's own label says the same
    element.append(this.box);
    element.addEventListener('keydown', (event) => event.key === 'Escape' && this.hide());
  }

  /** Shows `text` near a point of the window, inside the chart; hides the box where there is no text. */
  show(text, x, y) {
    if (!text) return this.hide();
    this.box.textContent = text;
    this.box.hidden = false;
    const frame = this.element.getBoundingClientRect();
    const left = Math.min(x - frame.left + 12, frame.width - this.box.offsetWidth);
    const above = y - frame.top - this.box.offsetHeight - 12;
    this.box.style.left = `${Math.max(0, left)}px`;
    this.box.style.top = `${above < 0 ? y - frame.top + 16 : above}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}
