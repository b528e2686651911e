// The page /sparql: YASGUI over this server's endpoint, in the place of the plain form.

import Yasgui from '@zazuko/yasgui';
import { makeAccessible } from './accessible.js';
import { completeFrom } from './completion.js';
import { local } from './loader.js';
import { addViews } from './views.js';

const { Yasr, Yasqe, Tab } = Yasgui;
const HEADER = /^# *(title|description)(@[\w-]+)?:.*\n/gm;
const ENDPOINT = new URL('/sparql', location.href).href;
const form = document.getElementById('plain');
const place = document.getElementById('editor');

try {
  await start();
} catch (error) {
  place.replaceChildren();
  form.hidden = false; // which asks as well
  console.error(error);
}

async function start() {
  const [about, countries] = await Promise.all([fetchJson('/editor.json'), knownCountries()]);
  completeFrom(Yasqe, about);
  addViews(Yasr, countries, about);
  Yasr.defaults.errorRenderers = [problem];
  Yasr.defaults.plugins.table.dynamicConfig = { compact: true }; // numbers without their datatype
  Tab.prototype.getShareableLink = function () {
    return `${ENDPOINT}#query=${encodeURIComponent(this.getQuery())}`;
  };
  const yasgui = new Yasgui(place, {
    requestConfig: { endpoint: ENDPOINT, method: 'POST' },
    endpointCatalogueOptions: { getData: () => [] },
    autofocus: false,
    yasqe: { value: form.elements.query.value, extraKeys: keys(), screenReaderLabel: 'SPARQL query' },
    yasr: { prefixes: about.prefixes },
  });
  form.hidden = true;
  makeAccessible(yasgui);
  const asked = new Map(); // what was asked last in a tab, which may be edited since
  const offer = () => offerDownload(yasgui.getTab(), asked);
  yasgui.on('query', (_, tab) => asked.set(tab, tab.getQuery()));
  yasgui.on('tabChange', offer); // after each response, among others
  yasgui.on('tabSelect', () => setTimeout(offer)); // then it is the current one
  offer();
  openExamples(yasgui);
  linkHere(about.base);
  // A shared link that is opened while the editor is: it reads the address when it starts.
  addEventListener('hashchange', () => location.hash.startsWith('#query=') && location.reload());
}

/** The Tab key leaves the editor, as it does elsewhere: keyboard users would be caught in it. */
function keys() {
  return { ...Yasqe.defaults.extraKeys, Tab: false, 'Shift-Tab': false };
}

function openExamples(yasgui) {
  let queries;
  document.querySelector('.examples').addEventListener('click', async (event) => {
    const link = event.target.closest('a[data-query]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    queries ??= await fetchJson('/queries');
    const { query } = queries.find(({ name }) => name === link.dataset.query);
    const value = query.replace(HEADER, '').trimStart(); // the list has title and description
    const tab = yasgui.addTab(true, { name: link.textContent, yasqe: { value } }, { avoidDuplicateTabs: true });
    tab.show();
    tab.getYasqe().focus();
    place.scrollIntoView({ block: 'nearest' });
  });
}

/** Links of results to IRIs of ours lead to this server, whatever its address is. */
function linkHere(base) {
  const aim = ({ target }) => {
    const link = target.closest?.('a.iri');
    if (link?.href.startsWith(base)) link.href = local(link.href, base);
  };
  place.addEventListener('pointerover', aim);
  place.addEventListener('focusin', aim);
}

/** The server makes the files, so that they are whole and exact; a query too long for an address has none. */
function offerDownload(tab, asked) {
  const box = document.getElementById('download');
  const results = tab?.getYasr()?.results;
  const query = encodeURIComponent(asked.get(tab) ?? tab?.getPersistedJson().yasqe.value);
  box.hidden = !results || results.hasError() || !results.getBindings() || query.length > 8000;
  tab?.getYasr()?.headerEl.after(box);
  for (const link of box.querySelectorAll('a')) {
    link.href = `${ENDPOINT}?query=${query}&format=${link.dataset.format}`;
    link.download = `result.${link.dataset.format}`;
  }
}

/** What the server says of a query at fault: its problem details (RFC 9457), as text. */
async function problem({ text }) {
  let details;
  try {
    details = JSON.parse(text);
  } catch {
    return undefined; // not from our server: YASR shows it as it is
  }
  const box = document.createElement('div');
  box.className = 'problem';
  box.setAttribute('role', 'alert');
  for (const [element, words] of [['strong', details.title], ['p', details.detail]]) {
    const line = document.createElement(element);
    line.textContent = words;
    box.append(line);
  }
  return box;
}

/** A dataset may have a named query of countries, which maps need to place a country by its IRI. */
async function knownCountries() {
  const response = await fetch('/queries/country-codes.json');
  return response.ok ? (await response.json()).results.bindings : [];
}

async function fetchJson(path) {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return response.json();
}
