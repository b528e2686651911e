// The map's geometry: countries of Natural Earth (world-atlas), named by ISO 3166-1 alpha-2, and a point for each small one.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { geoArea, geoCentroid } from 'd3-geo';
import codes from 'i18n-iso-countries';
import { feature } from 'topojson-client';

const require = createRequire(import.meta.url);
const EARTH_KM2 = 510e6;
// Drawn as a point below this: at a map's usual width such a country is narrower than five pixels.
const SMALL_KM2 = 30_000;

/** Returns a TopoJSON topology with the objects `countries` and `points`; an `id` is a code, or a name where there is none. */
export function world() {
  const coarse = atlas('110m');
  for (const geometry of coarse.objects.countries.geometries) identify(geometry);
  return {
    ...coarse,
    objects: {
      countries: coarse.objects.countries,
      points: { type: 'GeometryCollection', geometries: points() },
    },
  };

  function points() {
    const detailed = atlas('10m');
    return feature(detailed, detailed.objects.countries)
      .features.map((shape) => identify({ id: shape.id, properties: shape.properties, geometry: shape.geometry }))
      .filter((shape) => area(shape.geometry) < SMALL_KM2)
      .map((shape) => ({ type: 'Point', id: shape.id, coordinates: quantised(geoCentroid(largest(shape.geometry))) }));
  }

  function quantised(position) {
    const { scale, translate } = coarse.transform;
    return position.map((degrees, axis) => Math.round((degrees - translate[axis]) / scale[axis]));
  }
}

function atlas(scale) {
  return JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${scale}.json`), 'utf8'));
}

function identify(geometry) {
  geometry.id = codes.numericToAlpha2(geometry.id) ?? geometry.properties.name;
  delete geometry.properties;
  return geometry;
}

function area(geometry) {
  return (geoArea(geometry) / (4 * Math.PI)) * EARTH_KM2;
}

/** Returns the largest island of a country, so that its point lies on land. */
function largest(geometry) {
  if (geometry.type !== 'MultiPolygon') return geometry;
  const islands = geometry.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates }));
  return islands.reduce((most, island) => (area(island) > area(most) ? island : most));
}
