import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { groupSource } from '../../src/app/inputs/group_source.ts';
import { findGroups, type GroupRequest } from '../../src/app/inputs/groups.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { assertUserError } from '../data/temporary.ts';
import { MemoryFiles } from '../memory_files.ts';

const paths = ['cat/p1/a_1.jpg', 'cat/p2/a_2.jpg', 'dog/p1/b_1.jpg', 'dog/top.jpg', 'loose.jpg'];

/** What is found, as the group's name of each path, and what was said. */
async function found(
  request: Partial<GroupRequest>,
  {
    files = {},
    names = paths,
    given = names.map(() => -1),
  }: {
    files?: Record<string, string | Uint8Array>;
    names?: readonly string[];
    given?: readonly number[];
  } = {},
) {
  const memory = new MemoryFiles();
  for (const [path, text] of Object.entries(files))
    await memory.writeAtomic(path, typeof text === 'string' ? new TextEncoder().encode(text) : text);
  const said: string[] = [];
  const context = {
    files: memory,
    reporter: { ...silentReporter, note: (text: unknown) => said.push(String(text)) },
    command: [],
    versions: {},
  };
  const stream = { name: 'set', classes: [], paths: names, omitted: ['left/out.jpg'], unreadable: [] };
  const task = { given: Int32Array.from(given), classes: ['cat', 'dog'] };
  const groups = await findGroups(
    context,
    stream,
    task,
    { groups: undefined, data: 'set', labels: [], ...request },
    0,
  );
  return { said, groups: groups && Array.from(groups.groupOf, (group) => groups.names[group]) };
}

test('folders: the way to the image, or below the class where folders are labels', async () => {
  const { groups, said } = await found({ groups: 'folder' });
  assert.equal(groups, ['cat/p1', 'cat/p2', 'dog/p1', 'dog', undefined]);
  assert.match(said[0]!, 'groups: 4 of 4 images, by folder; 1 images, such as loose.jpg, stand alone');
  const below = await found({ groups: 'folder', labels: ['folders'] });
  assert.equal(below.groups, ['p1', 'p2', 'p1', undefined, undefined]);
});

test('a pattern on the name', async () => {
  assert.equal((await found({ groups: 'name:{group}_*' })).groups, ['a', 'a', 'b', undefined, undefined]);
  await assertUserError(() => found({ groups: 'name:x{group}_*' }), 'no image has a group', 'cat/p1/a_1.jpg');
});

test('a column of the labels file, also of rows without a label, and of the file that is added to a run', async () => {
  const files = {
    'l.csv': 'path,label,patient\n./cat/p1/a_1.jpg,cat,7\ncat/p2/a_2.jpg,,7\nleft/out.jpg,dog,9\n',
    'more.csv': 'path,label,patient\ndog/p1/b_1.jpg,dog,8\n',
  };
  const expected = ['7', '7', undefined, undefined, undefined];
  assert.equal((await found({ groups: 'column:patient', labels: ['l.csv'] }, { files })).groups, expected);
  expected[2] = '8';
  const labels = ['l.csv', 'more.csv'];
  assert.equal((await found({ groups: 'column:patient', labels }, { files })).groups, expected);
  await assertUserError(
    () => found({ groups: 'column:slide', labels }, { files }),
    'no column slide',
    'path, label, patient',
  );
  await assertUserError(() => found({ groups: 'column:patient' }), 'there is none', 'FILE.csv');
});

test('a column of a table, and, once that is gone, what the run kept of it', async () => {
  const files = { 'm.csv': 'site,path\nA,loose.jpg\nB,dog/top.jpg\n,cat/p1/a_1.jpg\nC,not/there.jpg\n' };
  const expected = [undefined, undefined, undefined, 'B', 'A'];
  assert.equal((await found({ groups: 'm.csv:site' }, { files })).groups, expected);
  const kept = {
    'run/labels.csv': 'path,label,group\nloose.jpg,cat,A\ndog/top.jpg,dog,B\ncat/p1/a_1.jpg,cat,\n',
  };
  assert.equal((await found({ groups: 'm.csv:site', run: 'run' }, { files: kept })).groups, expected);
  await assertUserError(() => found({ groups: 'm.csv:site' }), 'm.csv does not exist');
  const twice = { 'm.csv': 'path,site\nloose.jpg,A\nloose.jpg,B\n' };
  await assertUserError(
    () => found({ groups: 'm.csv:site' }, { files: twice }),
    'row 3',
    "'B', but 'A' in row 2",
  );
});

test('bursts: photos that one camera took in a row, by what their files say', async () => {
  const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg', 'f.png'];
  const taken = ['10:00:00', '10:00:40', '10:02:30', '10:00:20', undefined, undefined];
  const files: Record<string, Uint8Array> = {};
  for (const [at, name] of names.entries()) {
    const image = sharp(Buffer.alloc(192, at), { raw: { width: 8, height: 8, channels: 3 } });
    const time = taken[at];
    const withTime = time && {
      IFD0: { Make: 'Maker', Model: at === 3 ? 'B' : 'A' },
      IFD2: { DateTimeOriginal: `2026:05:01 ${time}` },
    };
    files[`set/${name}`] = await (withTime ? image.withExif(withTime) : image).jpeg().toBuffer();
  }
  files['set/f.png'] = Uint8Array.of(137, 80);
  const [first, second] = ['Maker A 2026-05-01T10:00:00.000Z', 'Maker A 2026-05-01T10:02:30.000Z'];
  const other = 'Maker B 2026-05-01T10:00:20.000Z';
  const alone = [undefined, undefined];
  assert.equal((await found({ groups: 'exif' }, { files, names })).groups, [
    first,
    first,
    second,
    other,
    ...alone,
  ]);
  const apart = 'Maker A 2026-05-01T10:00:40.000Z';
  assert.equal((await found({ groups: 'exif:39' }, { files, names })).groups, [
    first,
    apart,
    second,
    other,
    ...alone,
  ]);
  assert.equal((await found({ groups: 'exif:110' }, { files, names })).groups, [
    first,
    first,
    first,
    other,
    ...alone,
  ]);
  await assertUserError(() => found({ groups: 'exif', data: 'idx:DIR' }), 'needs a folder of photos');
});

test('series that names show are taken for groups, with a word of it, unless the user says that there are none', async () => {
  const names = Array.from({ length: 120 }, (_, at) => `p${Math.floor(at / 6)}_f${at % 6}.jpg`);
  const given = names.map((_, at) => (at < 60 ? Math.floor(at / 6) % 2 : -1));
  const { groups, said } = await found({}, { names, given });
  assert.equal([groups![0], groups![59]], ['p0_f', 'p9_f']);
  assert.match(said[0]!, 'p0_f');
  assert.match(said[0]!, '10 series among 60 labels');
  assert.match(said[0]!, 'groups none');
  const counterFirst = names.map((name) => name.replace(/(.*)_(.*).jpg/, '$2_$1.jpg'));
  assert.match((await found({}, { names: counterFirst, given })).said[0]!, 'groups name:*#_{group}.*');
  const inFolders = names.map((name) => name.replace('_', '/'));
  assert.match((await found({}, { names: inFolders, given })).said[0]!, 'groups folder');
  assert.equal(await found({ groups: 'none' }, { names, given }), { said: [], groups: undefined });
});

test('bursts that times of capture show are taken for groups where names say nothing', async () => {
  // Ten bursts of six, the first five labelled, under names in no order.
  const names = Array.from({ length: 60 }, (_, at) => `${(at * 7919) % 9973}.jpg`);
  const burst = (at: number) => Math.floor(at / 6);
  const files: Record<string, Uint8Array> = {};
  for (const [at, name] of names.entries()) {
    const time = `10:${10 + 3 * burst(at)}:${10 + (at % 6)}`;
    files[`set/${name}`] = await sharp(Buffer.alloc(192), { raw: { width: 8, height: 8, channels: 3 } })
      .withExif({ IFD2: { DateTimeOriginal: `2026:05:01 ${time}` } })
      .jpeg()
      .toBuffer();
  }
  const given = names.map((_, at) => (burst(at) < 5 ? burst(at) % 2 : -1));
  const { groups, said } = await found({}, { files, names, given });
  assert.is(new Set(groups).size, 10);
  assert.match(said[0]!, 'times of capture look like series');
  assert.match(said[0]!, '5 series among 30 labels');
});

test('what is no source of groups is refused with what is', async () => {
  for (const text of ['patient', 'column:', ':x', 'file.csv:']) {
    await assertUserError(() => groupSource(text), 'name:{group}_*', 'FILE.csv:COLUMN');
  }
  assert.equal(groupSource('C:\\data\\m.csv:site'), {
    kind: 'column',
    file: 'C:\\data\\m.csv',
    column: 'site',
  });
});

test.run();
