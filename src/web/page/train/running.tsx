import { ProgressBar } from '../parts/progress_bar.tsx';
import { attempt } from '../state/messages.ts';
import { pause, pausing } from '../state/training.ts';

/** How far the training is, and the way to stop it. */
export function Running() {
  return (
    <>
      <ProgressBar />
      <div class="actions">
        <button type="button" disabled={pausing.value} onClick={() => void attempt(pause)}>
          {pausing.value ? 'Pausing at the next step …' : 'Pause'}
        </button>
        <p class="small">It goes on in a hidden tab. A pause keeps everything; go on today or another day.</p>
      </div>
    </>
  );
}
