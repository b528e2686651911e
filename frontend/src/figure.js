// A figure of a page: fetches its specification and draws it; says so in the figure where that fails.

import { draw } from './draw.js';

/** Draws the chart that `figure` names in `data-chart`; its table, query and CSV are in the page already. */
export async function drawFigure(figure) {
  const picture = document.createElement('div');
  picture.className = 'picture';
  figure.querySelector('figcaption').after(picture);
  try {
    const url = `/charts/${figure.dataset.chart}.json?lang=${encodeURIComponent(document.documentElement.lang)}`;
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    await draw(picture, await response.json());
    figure.dataset.drawn = '';
  } catch (error) {
    console.error(error);
    picture.textContent = figure.dataset.failed;
    picture.setAttribute('role', 'status');
  }
}
