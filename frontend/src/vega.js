// Vega without the packages that our charts have no use for (trees, contours, word clouds ...), which add half its weight.

import { csvParseRows } from 'd3-dsv';
import { transforms } from 'vega-dataflow';
import * as encode from 'vega-encode';
import { force } from 'vega-force';
import { geojson, geopath, geopoint, geoshape, graticule, projection } from 'vega-geo';
import { expressionInterpreter } from 'vega-interpreter';
import { formats } from 'vega-loader';
import { parse } from 'vega-parser';
import * as data from 'vega-transforms';
import { extend } from 'vega-util';
import { View } from 'vega-view';
import * as view from 'vega-view-transforms';

extend(transforms, data, view, encode, { force, geojson, geopath, geopoint, geoshape, graticule, projection });

// Vega's own reader of CSV compiles a function for each header, which the page's policy refuses.
formats('csv', (text) => {
  const [names, ...rows] = csvParseRows(text);
  return rows.map((cells) => Object.fromEntries(names.map((name, column) => [name, cells[column]])));
});

/** Returns a view of a Vega specification; expressions are interpreted, since the page's policy refuses eval. */
export function viewOf(spec, config, options) {
  return new View(parse(spec, config, { ast: true }), { ...options, renderer: 'svg', expr: expressionInterpreter });
}
