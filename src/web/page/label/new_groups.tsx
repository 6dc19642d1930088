import { useState } from 'preact/hooks';
import { counted } from '../../../label/report/format.ts';
import { Thumb } from '../parts/thumb.tsx';
import { session } from '../state/current.ts';
import { addClass, answerAll, given } from '../state/labelling.ts';
import { note } from '../state/messages.ts';
import { judgement } from '../state/training.ts';

/** So many of a group's images are shown. */
const mostShown = 24;

/** Images that seem to belong to no class so far, in groups that can be named at once. */
export function NewGroups() {
  const groups = (judgement.value?.newGroups ?? [])
    .map((group) => group.filter((image) => given.value[image] === -1))
    .filter((group) => group.length > 0);
  if (groups.length === 0) return <p class="empty">Every image seems to belong to one of the classes.</p>;
  return (
    <>
      <p class="small">
        These images are unlike all classes so far. Leave out what does not belong, and name the rest.
      </p>
      {groups.map((group) => (
        <Group key={group[0]} images={group} />
      ))}
    </>
  );
}

function Group({ images }: { readonly images: readonly number[] }) {
  const { classes = [], paths = [], readOnly = false } = session.value ?? {};
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const [name, setName] = useState('');
  const taken = images.slice(0, mostShown).filter((image) => !left.has(image));
  const toggle = (image: number) => {
    const next = new Set(left);
    if (!next.delete(image)) next.add(image);
    setLeft(next);
  };
  const give = async (text: string) => {
    const chosen = Int32Array.from(taken);
    const label = text.trim().replace(/\s+/g, ' ');
    if (label !== '' && !classes.includes(label)) await addClass(label);
    const index = session.value!.classes.indexOf(label);
    if (label !== '' && index < 0) return;
    await answerAll(chosen, label === '' ? 'none' : index);
    note(`${counted(chosen.length, 'image')} labelled ${label || 'none of these'}.`);
  };
  return (
    <form
      class="newgroup"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') void give(name);
      }}
    >
      <ul class="grid loose">
        {images.slice(0, mostShown).map((image) => (
          <li key={image}>
            <button
              type="button"
              class="pick"
              aria-pressed={left.has(image)}
              aria-label={`${paths[image]}: leave out`}
              onClick={() => toggle(image)}
            >
              <Thumb image={image} />
            </button>
          </li>
        ))}
      </ul>
      <div class="bar">
        <label class="field inline">
          <span>Name of {counted(taken.length, 'image')}</span>
          <input
            type="text"
            list="known-classes"
            autocomplete="off"
            maxLength={100}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <datalist id="known-classes">
          {classes.map((known) => (
            <option key={known} value={known} />
          ))}
        </datalist>
        <button type="submit" disabled={readOnly || taken.length === 0 || name.trim() === ''}>
          Name them
        </button>
        <button
          type="button"
          class="quiet"
          disabled={readOnly || taken.length === 0}
          onClick={() => void give('')}
        >
          None of these
        </button>
      </div>
    </form>
  );
}
