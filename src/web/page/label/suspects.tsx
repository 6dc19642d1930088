import { useState } from 'preact/hooks';
import { Thumb } from '../parts/thumb.tsx';
import { session } from '../state/current.ts';
import { answer, given } from '../state/labelling.ts';
import { judgement } from '../state/training.ts';
import { pick } from './proposals.tsx';

/** Given labels that look wrong. */
export function Suspects({ onLook }: { readonly onLook: () => void }) {
  const [kept, setKept] = useState<ReadonlySet<number>>(new Set());
  const { classes = [], paths = [], readOnly = false } = session.value ?? {};
  const suspects = (judgement.value?.suspects ?? []).filter(
    ({ image, given: label }) => !kept.has(image) && given.value[image] === label,
  );
  if (suspects.length === 0) return <p class="empty">None of the given labels looks wrong.</p>;
  return (
    <>
      <p class="small">These labels were given, but look like another class. Either may be right.</p>
      <ul class="cards">
        {suspects.map(({ image, given: label, likely }) => (
          <li key={image}>
            <Thumb image={image} />
            <div>
              <p>
                Given <strong>{classes[label] ?? 'none of these'}</strong>, looks like{' '}
                <strong>{classes[likely]}</strong>
              </p>
              <p class="path">{paths[image]}</p>
              <div class="actions">
                <button type="button" disabled={readOnly} onClick={() => void answer(image, likely, 'own')}>
                  It is {classes[likely]}
                </button>
                <button type="button" class="quiet" onClick={() => setKept(new Set([...kept, image]))}>
                  It is right
                </button>
                <button
                  type="button"
                  class="quiet"
                  onClick={() => {
                    pick(image);
                    onLook();
                  }}
                >
                  Look closer
                </button>
              </div>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
