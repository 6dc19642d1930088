// Reads apt's own sources, in both their forms, and writes the source of Debian's backports from the one that Debian
// itself comes from here: a mirror, a proxy or a snapshot that the machine's owner chose stays the only host asked.
// Forms and fields: sources.list(5).

/**
 * One archive as a file of sources names it.
 * @typedef {object} Source
 * @property {string[]} uris
 * @property {string[]} suites
 * @property {string[]} components
 * @property {string} keys what names the keys that sign it; empty where apt's own keyring decides
 * @property {(suite: string, component: string) => string} rewrite the same archive's source for another suite
 * @property {'list' | 'sources'} form the ending of the name of a file that holds it
 */

/**
 * The archives that a file names and that apt uses.
 * @param {string} name the file's name; apt reads no other endings than these two
 * @param {string} text
 * @returns {Source[]}
 */
export function readSources(name, text) {
  if (name.endsWith('.list')) return text.split('\n').flatMap(readLine);
  return name.endsWith('.sources') ? stanzas(text).flatMap(readStanza) : [];
}

/** One line: `deb [option=value …] URI suite component…`; a `#` begins a comment. */
function readLine(line) {
  const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
  if (!match) return [];
  const [, options = '', uri, suite, components] = match;
  const before = options.trim() === '' ? 'deb' : `deb [${options.trim()}]`;
  return [
    {
      form: 'list',
      uris: [uri],
      suites: [suite],
      components: words(components),
      keys: /\bsigned-by=(\S+)/.exec(options)?.[1] ?? '',
      rewrite: (other, component) => `${before} ${uri} ${other} ${component}\n`,
    },
  ];
}

/** The fields of each paragraph, in their order; a field's further lines are indented, and `#` lines are comments. */
function stanzas(text) {
  const paragraphs = text.replace(/^#.*\n?/gm, '').split(/\n[ \t]*\n/);
  return paragraphs.map((paragraph) =>
    [...paragraph.matchAll(/^([^\s:]+):(.*(?:\n[ \t].*)*)/gm)].map(([text, name, value]) => ({
      text,
      name: name.toLowerCase(),
      value: value.trim(),
    })),
  );
}

function readStanza(fields) {
  const named = (wanted) => fields.find(({ name }) => name === wanted)?.value ?? '';
  if (/^(no|false|0|off|without|disable)$/i.test(named('enabled')) || !words(named('types')).includes('deb'))
    return [];
  const kept = fields.filter(({ name }) => !['enabled', 'types', 'suites', 'components'].includes(name));
  return [
    {
      form: 'sources',
      uris: words(named('uris')),
      suites: words(named('suites')),
      components: words(named('components')),
      keys: named('signed-by'),
      rewrite: (suite, component) =>
        [
          `Types: deb`,
          `Suites: ${suite}`,
          `Components: ${component}`,
          ...kept.map(({ text }) => text),
          '',
        ].join('\n'),
    },
  ];
}

const words = (text) => text.split(/\s+/).filter((word) => word !== '');

/**
 * What a machine's sources say about the backports of its Debian.
 * @param {Source[]} sources
 * @param {string} codename the release's, such as `bookworm`
 * @returns {{ known: true } | { known: false, form: 'list' | 'sources', text: string } | undefined} `known` where they
 * are among the sources; the text of a file that adds them; undefined where no source is Debian's own archive
 */
export function findBackports(sources, codename) {
  const suite = `${codename}-backports`;
  if (sources.some(({ suites }) => suites.includes(suite))) return { known: true };
  const archive = sources.find((source) => isDebian(source, sources, codename));
  return archive && { known: false, form: archive.form, text: archive.rewrite(suite, 'main') };
}

/** A release is also named by its age. */
const ages = ['stable', 'oldstable', 'oldoldstable'];

/**
 * Whether a source is Debian's archive of the release, and not of another maker, who may call suite and component so
 * too: signed by Debian's keys, or with the release's updates beside it, or in a folder `debian`, as mirrors have it.
 */
function isDebian({ uris, suites, components, keys }, sources, codename) {
  const isRelease = suites.includes(codename) || ages.some((age) => suites.includes(age));
  if (!isRelease || !components.includes('main') || uris.some((uri) => uri.startsWith('cdrom:')))
    return false;
  const updates = sources.filter(({ suites }) => suites.some((suite) => suite.endsWith('-updates')));
  return (
    keys.includes('debian-archive') ||
    updates.some((beside) => beside.uris.some((uri) => uris.includes(uri))) ||
    uris.some((uri) => /\/debian\/?$/.test(uri))
  );
}
