import type { TrainingChoice } from '../../studio/studio.ts';
import { facts, session } from '../state/current.ts';
import { isOwnPolicy, policy } from '../state/policy.ts';
import { goTo } from '../state/screen.ts';
import { choice, ending, epochs, map, resume, train } from '../state/training.ts';
import { work } from '../state/work.ts';
import { MethodChoice } from '../train/method_choice.tsx';
import { Running } from '../train/running.tsx';
import { Watch } from '../train/watch.tsx';
import { asSentence } from '../words.ts';

/** What learns from the images, and how it goes. */
export function TrainScreen() {
  const state = session.value;
  if (!state) return null;
  const isTraining = work.value === 'training';
  const hasResult = map.value !== null || epochs.value.length > 0;
  return (
    <>
      <h1>
        {isTraining
          ? 'Learning from your images'
          : state.stage === 'ready'
            ? 'Learned'
            : 'Learn from your images'}
      </h1>
      {isTraining ? <Running /> : <Begin />}
      {(isTraining || hasResult) && <Watch />}
      {!isTraining && state.stage === 'ready' && (
        <div class="actions onward">
          <button type="button" class="primary" onClick={() => goTo('label')}>
            Go on to labelling
          </button>
        </div>
      )}
    </>
  );
}

function Begin() {
  const state = session.value!;
  const now = choice.value;
  const end = ending.value;
  const isReady = state.stage === 'ready';
  const needsFile = now.method === 'file' && !now.file;
  const needsName = now.method === 'hub' && !now.name;
  const cannot = work.value !== null || state.readOnly || needsFile || needsName;
  const begin = (changed: Partial<TrainingChoice> = {}) => {
    const own = isOwnPolicy.value ? { policy: { ...policy.value } } : {};
    void train({ ...now, ...own, ...changed });
  };
  return (
    <>
      {isReady && (
        <p class="lead">
          Every image has features of {state.encoder ?? 'a training'}. You can label with these, or learn
          anew: your labels stay.
        </p>
      )}
      {state.stage === 'paused' && (
        <div class="note">
          <p>
            A training was paused. It goes on where it stopped
            {end?.message ? `. ${asSentence(end.message)}` : '.'}
          </p>
          <div class="actions">
            <button type="button" class="primary" disabled={cannot} onClick={() => void resume()}>
              Go on with it
            </button>
          </div>
        </div>
      )}
      {end?.state === 'failed' && (
        <div class="warnings">
          <h2>The training ended</h2>
          <p>{asSentence(end.message ?? '')}</p>
          {end.smallerBatch !== undefined && (
            <button type="button" disabled={cannot} onClick={() => begin({ batch: end.smallerBatch! })}>
              Try again with {end.smallerBatch} images a step
            </button>
          )}
        </div>
      )}
      <MethodChoice
        choice={now}
        onChange={(next) => (choice.value = next)}
        software={facts.value?.software ?? false}
      />
      <div class="actions onward">
        <button
          type="button"
          class={isReady || state.stage === 'paused' ? '' : 'primary'}
          disabled={cannot}
          onClick={() => begin()}
        >
          {isReady ? 'Learn anew' : 'Begin'}
        </button>
      </div>
    </>
  );
}
