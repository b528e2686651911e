// Completion in the editor: from this server's own prefixes and terms. YASQE's own ask a third party for terms.

/** Replaces where YASQE's completers look; where they complete, and how, stays as it is. */
export function completeFrom(Yasqe, { prefixes, classes, properties }) {
  const declarations = Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`);
  replace('prefixes', declarations.sort());
  replace('class', classes);
  replace('property', properties);
  Yasqe.defaults.autocompleters = ['variables', 'prefixes', 'class', 'property'];

  function replace(name, terms) {
    const completer = Yasqe.Autocompleters[name];
    // Not kept in the browser: another release has other terms.
    Yasqe.Autocompleters[name] = { ...completer, get: () => terms, bulk: true, persistenceId: undefined };
  }
}
