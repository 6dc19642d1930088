import { statuses } from '../../../data/labels/status.ts';
import { count, counted, percent, plainPercent, range } from '../../../label/report/format.ts';
import { session } from '../state/current.ts';
import { tally } from '../state/labelling.ts';
import { attempt } from '../state/messages.ts';
import { studio } from '../state/studio_link.ts';
import { judgement, judging } from '../state/training.ts';
import { asSentence } from '../words.ts';

const targets = [0.01, 0.02, 0.05, 0.1, 0.2];

const statusWords = {
  given: 'yours',
  auto: 'automatic',
  review: 'to review',
  outlier: 'unlike all others',
  duplicate: 'copies',
} as const;

/** Enough yet? What the answers so far are good for, and what more would bring. */
export function Standing() {
  const judged = judgement.value;
  const { answered, none } = tally.value;
  return (
    <section class="standing" aria-labelledby="standing-title">
      <h2 id="standing-title">Enough yet?</h2>
      <p class="answers">
        <strong>{count(answered)}</strong> {answered === 1 ? 'answer' : 'answers'} on{' '}
        {counted(session.value?.images ?? 0, 'image')}
        {none > 0 && `; ${count(none)} none of these`}.
      </p>
      {judged ? (
        <Judged />
      ) : (
        <p class="small">Label a few images of each class: what they tell of the rest comes here.</p>
      )}
    </section>
  );
}

function Judged() {
  const judged = judgement.value!;
  const total = statuses.reduce((sum, status) => sum + (judged.counts[status] ?? 0), 0);
  return (
    <>
      {total > 0 && (
        <>
          <div class="shares" aria-hidden="true">
            {statuses.map((status) => (
              <span
                key={status}
                class={status}
                style={{ flexGrow: judged.counts[status] ?? 0 }}
                hidden={!judged.counts[status]}
              />
            ))}
          </div>
          <ul class="legend">
            {statuses
              .filter((status) => judged.counts[status])
              .map((status) => (
                <li key={status}>
                  <i class={status} />
                  {count(judged.counts[status]!)} {statusWords[status]}
                </li>
              ))}
          </ul>
        </>
      )}
      {judged.accuracy && (
        <p>
          About <strong>{percent(judged.accuracy.estimate)}</strong> of the other labels are right (
          {range(judged.accuracy.interval)}).
        </p>
      )}
      <p class={judged.kept ? 'promise kept' : 'promise'}>{asSentence(judged.promise)}</p>
      {judged.enough && <p>{asSentence(judged.enough)}</p>}
      <label class="field inline">
        <span>Wrong among automatic labels, at most</span>
        <select
          value={String(judged.target)}
          disabled={session.value?.readOnly ?? false}
          onChange={({ currentTarget }) => void attempt(() => studio.setTarget(Number(currentTarget.value)))}
        >
          {[...new Set([...targets, judged.target])].sort().map((target) => (
            <option key={target} value={String(target)}>
              {plainPercent(target)}
            </option>
          ))}
        </select>
      </label>
      <p class="small" role="status">
        {judging.value === 'yes' && 'Working out what your last answers tell …'}
        {judging.value === 'quick' && 'A first estimate; confidences are being checked.'}
      </p>
      {judged.warnings.length > 0 && (
        <details>
          <summary>{counted(judged.warnings.length, 'warning')}</summary>
          <ul class="notes">
            {judged.warnings.map((text) => (
              <li key={text}>{asSentence(text)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
