// How charts look. Colours are custom properties of the page, so that they follow light, dark and print by themselves.

const ink = 'var(--ink)';
const fine = 'var(--fine)';
const font = 'system-ui, "Noto Sans TC", "Noto Sans CJK TC", "PingFang TC", "Microsoft JhengHei", sans-serif';

export const config = {
  background: null,
  font,
  autosize: { type: 'fit', contains: 'padding' },
  style: { cell: { stroke: null } },
  title: { color: ink, font },
  text: { fill: ink, font, fontSize: 13 },
  rect: { fill: 'var(--chart-1)' },
  axis: {
    labelColor: fine, labelFont: font, labelFontSize: 12, titleColor: ink, titleFont: font, titleFontSize: 12,
    titleFontWeight: 500, gridColor: 'var(--line)', domainColor: 'var(--line)', tickColor: 'var(--line)',
  },
  legend: {
    labelColor: ink, labelFont: font, labelFontSize: 12, titleColor: ink, titleFont: font, titleFontSize: 12,
    titleFontWeight: 500, symbolType: 'square', symbolStrokeWidth: 0, labelLimit: 320,
  },
  range: {
    category: [1, 2, 3, 4, 5, 6, 7, 8].map((hue) => `var(--chart-${hue})`),
    ramp: [1, 2, 3, 4, 5].map((step) => `var(--ramp-${step})`),
  },
};
