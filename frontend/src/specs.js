// Vega specifications for results of any query: points of name, amount, code (of a country) and href.

const MOST_BARS = 60;
const STEPS = 5;
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const colour = { scale: 'class', field: 'class' };
const edge = { stroke: { value: 'var(--border)' }, strokeWidth: { value: 0.5 } };
const speaking = { href: { field: 'href' }, tooltip: { field: 'text' }, description: { field: 'text' } };
const projected = [{ type: 'geoshape', projection: 'projection' }];

/** Returns bars, in the order of the rows, the first of them where there are many. */
export function barsOf(points) {
  const values = texts(points.slice(0, MOST_BARS)).map((point, row) => ({ ...point, row }));
  const more = points.length > MOST_BARS ? `, the first ${MOST_BARS} of ${points.length}` : '';
  const y = (offset) => ({ scale: 'y', field: 'row', offset });
  const writing = (encode) => ({
    type: 'text', aria: false, interactive: false, from: { data: 'rows' }, encode: { update: { y: y(15), ...encode } },
  });
  return {
    description: `Bars of the result's numbers${more}`,
    width: 640, height: 36 * values.length, padding: 0, autosize: 'none',
    data: [{ name: 'rows', values }],
    scales: [
      { name: 'x', type: 'linear', domain: { data: 'rows', field: 'amount' }, range: 'width', zero: true },
      { name: 'y', type: 'band', domain: { data: 'rows', field: 'row' }, range: 'height' },
    ],
    marks: [
      {
        type: 'rect', from: { data: 'rows' },
        encode: {
          update: {
            x: { scale: 'x', value: 0 }, x2: { scale: 'x', field: 'amount' }, y: y(19), height: { value: 11 },
            fill: { value: 'var(--chart-1)' }, ...speaking,
          },
        },
      },
      writing({ x: { value: 0 }, text: { field: 'name' }, limit: { signal: 'width - 110' } }),
      writing({ x: { signal: 'width' }, align: { value: 'right' }, text: { field: 'shown' } }),
    ],
  };
}

/** Returns a map: countries in five classes of about equal size, small ones as dots. */
export function mapOf(points) {
  const limits = quantiles(points.map(({ amount }) => amount));
  const classOf = (amount) => limits.findLastIndex((limit) => amount >= limit);
  const rows = texts(points).map((point) => ({ ...point, class: classOf(point.amount) }));
  const lookup = { type: 'lookup', from: 'rows', key: 'code', fields: ['id'], values: ['text', 'class', 'href', 'code'] };
  return {
    description: "Map of the result's numbers by country",
    width: 900, padding: 0, autosize: 'none',
    signals: [
      { name: 'map', update: 'width * 0.455' },
      { name: 'height', update: `map + (width < 700 ? ${18 * limits.length + 12} : 30)` },
      { name: 'radius', update: 'max(3, width / 240)' },
      { name: 'labels', value: limits.map((limit) => `${number.format(limit)} and more`) },
    ],
    data: [
      { name: 'rows', values: rows },
      { name: 'land', url: 'world.json', format: { type: 'topojson', feature: 'countries' }, transform: [{ type: 'filter', expr: "datum.id != 'AQ'" }] },
      { name: 'countries', source: 'land', transform: [lookup] },
      {
        name: 'small', url: 'world.json', format: { type: 'topojson', feature: 'points' },
        transform: [
          lookup,
          { type: 'filter', expr: 'datum.code' },
          {
            type: 'geopoint', projection: 'projection', as: ['px', 'py'],
            fields: [{ expr: 'datum.geometry.coordinates[0]' }, { expr: 'datum.geometry.coordinates[1]' }],
          },
        ],
      },
      { name: 'large', source: 'countries', transform: [{ type: 'lookup', from: 'small', key: 'id', fields: ['id'], as: ['dot'] }, { type: 'filter', expr: 'datum.code && !datum.dot' }] },
    ],
    projections: [{
      name: 'projection', type: 'equalEarth', rotate: [-10, 0], fit: { signal: "data('land')" },
      extent: { signal: '[[radius, 0], [width - radius, map]]' },
    }],
    scales: [{ name: 'class', type: 'ordinal', domain: limits.map((_, step) => step), range: ramp(limits.length) }],
    legends: [{
      fill: 'class', orient: 'none', legendX: 0, legendY: { signal: 'map + 8' }, direction: { signal: "width < 700 ? 'vertical' : 'horizontal'" },
      columns: { signal: 'width < 700 ? 1 : 5' }, aria: false,
      encode: { labels: { update: { text: { signal: 'labels[datum.value]' } } } },
    }],
    marks: [
      {
        type: 'shape', aria: false, interactive: false, from: { data: 'countries' }, transform: projected,
        encode: { update: { fill: [{ test: 'datum.code', ...colour }, { value: 'var(--land)' }], ...edge } },
      },
      {
        type: 'shape', from: { data: 'large' }, transform: projected,
        encode: { update: { fill: colour, ...edge, ...speaking } },
      },
      {
        type: 'symbol', from: { data: 'small' },
        encode: {
          update: {
            x: { field: 'px' }, y: { field: 'py' }, xfocus: { field: 'px' }, yfocus: { field: 'py' },
            size: { signal: '4 * radius * radius' }, fill: colour, stroke: { value: 'var(--ink)' },
            strokeWidth: { value: 0.75 }, ...speaking,
          },
        },
        transform: [{
          type: 'force', static: true, restart: true, iterations: 120, signal: 'force',
          forces: [
            { force: 'collide', radius: { signal: 'radius + 0.5' }, iterations: 2 },
            { force: 'x', x: 'xfocus' },
            { force: 'y', y: 'yfocus' },
          ],
        }],
      },
    ],
  };
}

function texts(points) {
  return points.map((point) => {
    const shown = number.format(point.amount);
    return { ...point, shown, text: `${point.name}: ${shown}` };
  });
}

/** Returns the lower limit of each class, from the smallest number up. */
function quantiles(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = Array.from({ length: STEPS }, (_, step) => sorted[Math.floor((step * sorted.length) / STEPS)]);
  return [...new Set(at)];
}

function ramp(length) {
  return Array.from({ length }, (_, step) => `var(--ramp-${STEPS - length + step + 1})`);
}
