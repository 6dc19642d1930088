import { count } from '../../../label/report/format.ts';
import { progress, work } from '../state/work.ts';

const doing = {
  reading: 'Reading the images',
  opening: 'Opening the session',
  training: 'Training',
  writing: 'Writing the files',
} as const;

/** How far the work is, with its figures in words. */
export function ProgressBar() {
  if (!work.value) return null;
  const now = progress.value;
  const stage = now?.stage ?? doing[work.value];
  const { done, total } = now ?? {};
  const share = done !== undefined && total ? { max: total, value: done } : {};
  const parts = [
    done !== undefined && total !== undefined ? `${count(done)} of ${count(total)}` : '',
    ...(now?.figures ?? []),
    now?.imagesPerSecond === undefined ? '' : `${count(Math.round(now.imagesPerSecond))} images a second`,
    now?.secondsLeft === undefined ? '' : `${duration(now.secondsLeft)} left`,
  ];
  return (
    <div class="progress">
      <p>
        <strong>{stage[0]?.toUpperCase() + stage.slice(1)}</strong>
        <span class="figures">{parts.filter(Boolean).join(' · ')}</span>
      </p>
      <progress aria-label={stage} {...share} />
    </div>
  );
}

/** 40 s, 3 min, 2 h 5 min */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
