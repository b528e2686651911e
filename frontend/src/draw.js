// Draws one Vega specification into an element, as wide as the element, in the colours of the page's stylesheet.

import { config } from './config.js';
import { openKeyboard } from './keyboard.js';
import { loader } from './loader.js';
import { Tooltip } from './tooltip.js';
import { viewOf } from './vega.js';

/** Draws `spec` and keeps it as wide as `element`; returns the Vega view. Rejects when data can't be had. */
export async function draw(element, spec) {
  const { title, ...untitled } = spec; // the page has the title, as text
  const tooltip = new Tooltip(element);
  const failures = [];
  const plot = document.createElement('div');
  element.append(plot);
  const view = viewOf(untitled, config, {
    container: plot,
    loader: loader(spec.usermeta?.base),
    tooltip: (_handler, event, _item, text) => tooltip.show(text, event.clientX, event.clientY),
    logger: collecting(failures),
  });
  const keyboard = openKeyboard(plot, tooltip);
  view.addResizeListener(keyboard);
  new ResizeObserver(() => fit()).observe(plot);
  await fit();
  if (failures.length) throw new Error(failures.join('; '));
  return view;

  async function fit() {
    const width = Math.floor(plot.clientWidth);
    if (!width || width === view.width()) return;
    await view.width(width).runAsync();
    keyboard();
  }
}

/** Vega tells its logger what failed and goes on: kept, so that a chart without its data counts as failed. */
function collecting(failures) {
  const keep = (...words) => ((console.log(words.map(w=>w.stack||w).join(' ')),failures.push(words.join(' '))), logger);
  const pass = () => logger;
  const logger = { level: () => 0, error: keep, warn: keep, info: pass, debug: pass };
  return logger;
}
