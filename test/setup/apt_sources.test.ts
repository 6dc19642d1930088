import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findBackports, readSources } from '../../setup/apt_sources.mjs';

const image = `Types: deb
# http://snapshot.example/archive/debian/20250520T000000Z
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

const backportsOf = (files: Readonly<Record<string, string>>) =>
  findBackports(
    Object.entries(files).flatMap(([name, text]) => readSources(name, text)),
    'bookworm',
  );

test('backports come from the mirror of a stanza, with its keys and options', () => {
  const text = image.replace('Components: main', 'Components: main contrib\nCheck-Valid-Until: no');
  assert.equal(backportsOf({ 'debian.sources': text }), {
    known: false,
    form: 'sources',
    text: `Types: deb
Suites: bookworm-backports
Components: main
URIs: http://mirror.example/debian
Check-Valid-Until: no
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`,
  });
});

test('keys that a stanza holds itself go with it', () => {
  const keys =
    'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----';
  const text = image.replace(/Signed-By: .*/, keys);
  const found = backportsOf({ 'debian.sources': text });
  assert.ok(found && !found.known);
  assert.match(found.text, keys);
});

test('backports come from the mirror of a line, over https and with its options', () => {
  const text = `# deb cdrom:[Debian GNU/Linux 12.0.0 _Bookworm_]/ bookworm main
deb-src https://mirror.example/debian/ bookworm main
deb [ arch=amd64 signed-by=/etc/apt/keyrings/own.gpg ] https://mirror.example/debian/ bookworm main contrib # ours
`;
  assert.equal(backportsOf({ '/etc/apt/sources.list': text }), {
    known: false,
    form: 'list',
    text: 'deb [arch=amd64 signed-by=/etc/apt/keyrings/own.gpg] https://mirror.example/debian/ bookworm-backports main\n',
  });
  const plain = backportsOf({ 'a.list': 'deb http://deb.example/debian oldstable main\n' });
  assert.equal(plain, {
    known: false,
    form: 'list',
    text: 'deb http://deb.example/debian bookworm-backports main\n',
  });
});

test('sources that have backports are left as they are', () => {
  const stanza =
    'Types: deb\nURIs: http://other.example/debian\nSuites: bookworm-backports\nComponents: main\n';
  assert.equal(backportsOf({ 'debian.sources': image, 'own.sources': stanza }), { known: true });
  assert.equal(
    backportsOf({ 'debian.sources': image, 'b.list': 'deb http://x.example/d bookworm-backports main' }),
    { known: true },
  );
});

test('what apt does not use counts as absent', () => {
  const off =
    'Enabled: no\nTypes: deb\nURIs: http://other.example/debian\nSuites: bookworm-backports\nComponents: main\n';
  const files = {
    'debian.sources': image,
    'off.sources': off,
    'sources.only': 'deb http://x.example/debian bookworm-backports main',
    'source.list': 'deb-src http://x.example/debian bookworm-backports main',
    'old.list.disabled': 'deb http://x.example/debian bookworm-backports main',
  };
  assert.is(backportsOf(files)?.known, false);
});

test("another maker's archive, of whatever suite and component, is not taken for Debian's", () => {
  const others = `deb https://packages.example/debian/12/prod bookworm main
deb https://download.example/linux/debian bookworm stable
deb http://mirror.example/debian-security bookworm-security main
`;
  assert.is(backportsOf({ 'a.list': others }), undefined);
  const found = backportsOf({ 'a.list': others, 'debian.sources': image });
  assert.ok(found && !found.known);
  assert.match(found.text, 'URIs: http://mirror.example/debian\n');
});

test('a mirror of any path is known by the updates beside it', () => {
  const lines = ['bookworm', 'bookworm-updates'].map(
    (suite) => `deb https://cache.example/apt/d12 ${suite} main\n`,
  );
  const found = backportsOf({ 'a.list': lines.join('') });
  assert.ok(found && !found.known);
  assert.is(found.text, 'deb https://cache.example/apt/d12 bookworm-backports main\n');
});

test.run();
