// Results as a map or as bars, where they have what these need: a country, or a name, beside a number.

import { barsOf, mapOf } from './specs.js';

const NUMBERS = /#(integer|decimal|double|float|int|long|nonNegativeInteger)$/;
const CODE = /^[A-Z]{2}$/;
const ICONS = {
  map: 'M3 6l6-3 6 3 6-3v15l-6 3-6-3-6 3z M9 3v15 M15 6v15',
  bars: 'M4 20V10 M10 20V4 M16 20v-8 M21 20H2',
};

/** Registers both views; `countries` are rows of `place` (an IRI), `iso2` and `label`. */
export function addViews(Yasr, countries, { base, prefixes }) {
  const codes = new Map(countries.map(({ place, iso2, label }) => [place.value, (iso2 ?? label).value]));
  const codeOf = (term) => codes.get(term?.value) ?? (CODE.test(term?.value) ? term.value : undefined);

  class View {
    priority = 1;

    constructor(yasr) {
      this.yasr = yasr;
    }

    canHandleResults() {
      return this.points().length > 0;
    }

    async draw() {
      const place = document.createElement('div');
      place.className = 'picture';
      this.yasr.resultsEl.append(place);
      const { draw } = await import('./draw.js');
      await draw(place, { ...this.specification(this.points()), usermeta: { base } });
    }

    getIcon() {
      const box = document.createElement('div');
      const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      icon.setAttribute('viewBox', '0 0 24 24');
      icon.setAttribute('aria-hidden', 'true');
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', ICONS[this.icon]);
      icon.append(path);
      box.className = 'svgImg drawn';
      box.append(icon);
      return box;
    }

    /** The result's rows that can be drawn, each with name, amount and address. */
    points() {
      const rows = this.yasr.results?.getBindings() ?? [];
      const variables = this.yasr.results?.getVariables() ?? [];
      const amount = variables.findLast((name) => rows.some((row) => NUMBERS.test(row[name]?.datatype)));
      if (!amount) return [];
      const label = nameColumn(variables, rows, amount);
      return rows
        .filter((row) => row[amount] && label && row[label])
        .map((row) => ({
          name: short(row[label].value, prefixes),
          amount: Number(row[amount].value),
          code: variables.map((name) => codeOf(row[name])).find(Boolean),
          href: variables.map((name) => row[name]).find((term) => term?.type === 'uri')?.value,
        }));
    }
  }

  class MapView extends View {
    label = 'Map';
    icon = 'map';
    specification = mapOf;

    points() {
      return super.points().filter(({ code }) => code);
    }
  }

  class BarsView extends View {
    label = 'Bars';
    icon = 'bars';
    specification = barsOf;
  }

  Yasr.registerPlugin('map', MapView);
  Yasr.registerPlugin('bars', BarsView);
  Yasr.defaults.pluginOrder = ['table', 'map', 'bars', 'response'];
}

/** The column that names a row: one called label or title, else the first text, else the first of all. */
function nameColumn(variables, rows, amount) {
  const others = variables.filter((name) => name !== amount && rows.some((row) => row[name]));
  const isText = (name) => rows.some((row) => row[name]?.type !== 'uri' && !NUMBERS.test(row[name]?.datatype));
  return others.find((name) => /label$|title$|name$/i.test(name)) ?? others.find(isText) ?? others[0];
}

function short(text, prefixes) {
  const [name, iri] = Object.entries(prefixes).find(([, space]) => text.startsWith(space)) ?? [];
  return name ? `${name}:${text.slice(iri.length)}` : text;
}
