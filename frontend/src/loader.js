// What charts may read and link to: this server alone.

import world from '../generated/world.json';

const GEOMETRY = new URL(world, import.meta.url);

/** Returns a Vega loader; `base` is the start of the IRIs that this server answers for, whatever its own address is. */
export function loader(base) {
  return { load, sanitize };

  /** `world.json` is the map that comes with the bundle; all else is read from this server. */
  async function load(uri) {
    const url = uri === 'world.json' ? GEOMETRY : new URL(uri, location.href);
    if (url.origin !== location.origin) throw new Error(`${uri} is not on this server`);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${uri}: ${response.status} ${response.statusText}`);
    return response.text();
  }

  async function sanitize(uri) {
    return { href: local(uri, base) };
  }
}

/** Returns where a link to an IRI goes: our own to this server, others as they are, if they are on the web. */
export function local(iri, base) {
  const url = new URL(base && iri.startsWith(base) ? `/${iri.slice(base.length)}` : iri, location.origin);
  if (!/^https?:$/.test(url.protocol)) throw new Error(`${iri} is not on the web`);
  return url.href;
}
