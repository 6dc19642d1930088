import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { looksGrouped, namedSeries } from '../../../src/label/groups/name_series.ts';

const classes = ['healthy', 'sick'];

/** Whether series are seen in these names, of which `label` says the class of each, and of others without a label. */
const seen = (labelled: readonly string[], label: (at: number) => number, of = classes) => {
  const names = [...labelled, ...labelled.map((name) => name.replace(/[a-z]\w*/i, 'other$&'))];
  return looksGrouped(
    namedSeries(names),
    Int32Array.from(names, (_, at) => (at < labelled.length ? label(at) : -1)),
    of,
    3,
  );
};

const numbered = (count: number, name: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => name(at));
const film = (at: number) => Math.floor(at / 12);
/** A class that the place in the row says nothing of. */
const mixed = (at: number) => ((at * 7) % 11) % 2;

test('frames of several films of one class each are series', () => {
  const names = numbered(120, (at) => `patient${String(film(at)).padStart(2, '0')}_frame${at % 12}.jpg`);
  assert.equal(namedSeries(names).names.slice(0, 2), ['patient00_frame', 'patient01_frame']);
  assert.ok(seen(names, (at) => film(at) % 2));
});

test('one counter through all names is none, and neither are names of digits alone', () => {
  for (const stem of ['DSC_', 'IMG', '']) {
    assert.not.ok(
      seen(
        numbered(120, (at) => `${stem}${String(at).padStart(4, '0')}.jpg`),
        (at) => film(at) % 2,
      ),
      stem,
    );
  }
});

test('names that begin with their class are none', () => {
  const byClass = (at: number) => Math.floor(at / 60);
  for (const name of ['healthy', 'Healthy_', 'healthys-']) {
    const names = numbered(120, (at) => (byClass(at) ? `sick.${at}.jpg` : `${name}.${at}.jpg`));
    assert.not.ok(seen(names, byClass), name);
  }
  // Also where some images go by another name.
  const names = numbered(120, (at) => `${at % 5 === 0 ? 'IMG' : classes[byClass(at)]}_${at}.jpg`);
  assert.not.ok(seen(names, byClass));
});

test('stems within which classes are mixed are none: two cameras that both saw everything', () => {
  assert.not.ok(
    seen(
      numbered(120, (at) => `${'abcd'[at % 4]}_${at}.jpg`),
      mixed,
    ),
  );
});

test('series of which one image each is labelled say nothing of the labels', () => {
  assert.not.ok(
    seen(
      numbered(360, (at) => `p${film(at)}_f${at % 12}.jpg`),
      (at) => (at % 12 === 0 ? film(at) % 2 : -1),
    ),
  );
});

test('series of which the labels are spread over all are none to reckon with: unlabelled images have a frame beside them too', () => {
  const names = numbered(360, (at) => `p${film(at)}_f${at % 12}.jpg`);
  const given = (labelled: (at: number) => boolean) =>
    Int32Array.from(names, (_, at) => (labelled(at) ? film(at) % 2 : -1));
  const series = namedSeries(names);
  assert.not.ok(
    looksGrouped(
      series,
      given((at) => (at * 7) % 3 === 0),
      classes,
      3,
    ),
  );
  assert.ok(
    looksGrouped(
      series,
      given((at) => film(at) < 10),
      classes,
      3,
    ),
  );
});

test.run();
