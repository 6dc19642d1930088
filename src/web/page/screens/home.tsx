import { signal } from '@preact/signals';
import { counted } from '../../../label/report/format.ts';
import type { TakeHome } from '../../studio/studio.ts';
import { withAccess } from '../state/access.ts';
import { session } from '../state/current.ts';
import { changes, tally } from '../state/labelling.ts';
import { attempt, note } from '../state/messages.ts';
import { goTo } from '../state/screen.ts';
import { studio } from '../state/studio_link.ts';
import { during, work } from '../state/work.ts';
import { asSentence } from '../words.ts';

/** What was written, and after which change; null where nothing was. */
const written = signal<{
  readonly id: string;
  readonly change: number;
  readonly files: readonly string[];
  readonly summary: string;
} | null>(null);

const things: readonly { readonly what: TakeHome; readonly name: string; readonly text: string }[] = [
  {
    what: 'labels.csv',
    name: 'Labels',
    text: 'labels.csv: a row for each image with its label, how sure it is, and whether it is yours, automatic or to be reviewed.',
  },
  {
    what: 'report.html',
    name: 'Report',
    text: 'report.html: one page to trust or refuse the labels by.',
  },
  {
    what: 'model',
    name: 'Model',
    text: 'The encoder and the classifier, as safetensors and ONNX, for other programs.',
  },
  {
    what: 'session',
    name: 'Everything',
    text: 'A zip of the whole session. Unpacked, the command line goes on with it.',
  },
];

/** Where a person takes the result. */
export function HomeScreen() {
  const state = session.value;
  if (!state) return null;
  const { answered } = tally.value;
  const own = written.value?.id === state.id ? written.value : null;
  const isOld = own !== null && own.change !== changes.value;
  const isBusy = work.value !== null;
  return (
    <>
      <h1>Take home</h1>
      <p class="lead">
        {answered === 0
          ? 'There are no labels yet: label a few images of each class first.'
          : `From ${counted(answered, 'answer')} of yours every image gets a label, how sure it is, and a status.`}
      </p>
      {own && <p class="summary">{asSentence(own.summary)}</p>}
      {isOld && <p class="note">There are newer answers: write the files again to take them in.</p>}
      <div class="actions">
        {answered === 0 ? (
          <button type="button" class="primary" onClick={() => goTo('label')}>
            Go back to labelling
          </button>
        ) : (
          <button
            type="button"
            class={own && !isOld ? '' : 'primary'}
            disabled={isBusy || state.readOnly}
            onClick={() => void write()}
          >
            {own ? 'Write the files again' : 'Write the files'}
          </button>
        )}
      </div>
      {own && <Things isBusy={isBusy} />}
    </>
  );
}

function Things({ isBusy }: { readonly isBusy: boolean }) {
  return (
    <>
      <ul class="things">
        {things.map(({ what, name, text }) => (
          <li key={what}>
            <h2>{name}</h2>
            <p>{text}</p>
            <div class="actions">
              <button type="button" disabled={isBusy} onClick={() => void save(what)}>
                Save<span class="hidden"> {name}</span>
              </button>
              {what === 'report.html' && (
                <button type="button" disabled={isBusy} onClick={() => void look()}>
                  Look at it
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {window.showDirectoryPicker && (
        <div class="actions">
          <button type="button" disabled={isBusy} onClick={() => void saveIntoFolder()}>
            Save all files into a folder …
          </button>
        </div>
      )}
    </>
  );
}

async function write(): Promise<void> {
  const { id } = session.value!;
  const change = changes.value;
  const result = await during('writing', () => studio.finish());
  if (result) written.value = { id, change, ...result };
}

async function save(what: TakeHome): Promise<void> {
  const made = await attempt(() => studio.takeHome(what));
  if (!made) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(made.blob);
  link.download = made.name;
  link.click();
  // The download has begun when the click returns, but some browsers read the address a little later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Shows the report in a tab of its own: it stands under this page's policy, which knows the report's script. */
async function look(): Promise<void> {
  const tab = window.open('', '_blank');
  const made = await attempt(() => studio.takeHome('report.html'));
  if (!made) return tab?.close();
  const address = URL.createObjectURL(new Blob([made.blob], { type: 'text/html' }));
  if (tab) tab.location.href = address;
  else note('The browser kept the report from opening: save it instead.');
}

async function saveIntoFolder(): Promise<void> {
  const folder = await window.showDirectoryPicker!({ id: 'result', mode: 'readwrite' }).catch(
    () => undefined,
  );
  if (!folder) return;
  await withAccess(folder, 'readwrite', async () => {
    const count = await during('writing', () => studio.saveInto(folder));
    if (count !== undefined) note(`${counted(count, 'file')} saved into ${folder.name}.`);
  });
}
