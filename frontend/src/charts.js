// The entry for pages with charts: small, so that a page is not held up; what draws is fetched beside it.

const figures = document.querySelectorAll('figure.chart[data-chart]');
if (figures.length) {
  const { drawFigure } = await import('./figure.js');
  for (const figure of figures) drawFigure(figure);
}
