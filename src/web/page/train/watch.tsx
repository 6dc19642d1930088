import { count, percent } from '../../../label/report/format.ts';
import { SessionMap } from '../map/session_map.tsx';
import { LossChart } from '../parts/loss_chart.tsx';
import { epochs, map } from '../state/training.ts';

/** What the training has reached so far: its loss, its figures and the map. */
export function Watch() {
  const [first, ...others] = epochs.value;
  const last = others.at(-1) ?? first;
  return (
    <div class="columns watch">
      {first && last && (
        <section aria-label="Loss">
          <LossChart epochs={[first, ...others]} />
          <dl class="figures">
            <div>
              <dt>Epoch</dt>
              <dd>
                {last.epoch} of {last.epochs}
              </dd>
            </div>
            <div>
              <dt>Images a second</dt>
              <dd>{count(Math.round(last.imagesPerSecond))}</dd>
            </div>
            {last.knnAccuracy !== null && (
              <div>
                <dt>Neighbours with the same label</dt>
                <dd>{percent(last.knnAccuracy)}</dd>
              </div>
            )}
          </dl>
        </section>
      )}
      {map.value && <SessionMap />}
    </div>
  );
}
