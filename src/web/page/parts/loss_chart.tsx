import { figure } from '../../../label/report/format.ts';
import type { Epoch } from '../state/training.ts';
import { useWidth } from './use_width.ts';

const [height, left, bottom, top] = [230, 46, 24, 12];

/** The loss by epoch, with the value that chance gives. */
export function LossChart({ epochs }: { readonly epochs: readonly [Epoch, ...Epoch[]] }) {
  const { element, width } = useWidth<HTMLElement>(480);
  const last = epochs.at(-1)!;
  const losses = epochs.map(({ loss }) => loss);
  const chance = last.chanceLoss;
  const all = chance === null ? losses : [...losses, chance];
  const [low, high] = padded(Math.min(...all), Math.max(...all));
  const total = Math.max(2, last.epochs);
  const x = (epoch: number) => left + ((width - left - 8) * (epoch - 1)) / (total - 1);
  const y = (loss: number) => top + ((height - top - bottom) * (high - loss)) / (high - low);
  const line = epochs.map(({ epoch, loss }) => `${x(epoch).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
  const words = `Loss after epoch ${last.epoch} of ${last.epochs}: ${figure(last.loss)}${chance === null ? '' : `; chance gives ${figure(chance)}`}.`;
  return (
    <figure class="chart" ref={element}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
        {[low, (low + high) / 2, high].map((value) => (
          <g key={value}>
            <line class="rule" x1={left} x2={width - 8} y1={y(value)} y2={y(value)} />
            <text class="tick" x={left - 6} y={y(value) + 4} text-anchor="end">
              {figure(value)}
            </text>
          </g>
        ))}
        {[1, total].map((epoch) => (
          <text
            key={epoch}
            class="tick"
            x={x(epoch)}
            y={height - 6}
            text-anchor={epoch === 1 ? 'start' : 'end'}
          >
            {epoch === 1 ? 'epoch 1' : epoch}
          </text>
        ))}
        {chance !== null && (
          <>
            <line class="chance" x1={left} x2={width - 8} y1={y(chance)} y2={y(chance)} />
            <text class="tick chance-name" x={width - 10} y={y(chance) + 14} text-anchor="end">
              by chance
            </text>
          </>
        )}
        <polyline class="curve" points={line} />
        <circle class="tip" cx={x(last.epoch)} cy={y(last.loss)} r="3.5" />
      </svg>
      <figcaption>{words}</figcaption>
    </figure>
  );
}

function padded(low: number, high: number): [number, number] {
  const room = Math.max(0.05 * (high - low), 0.01 * Math.abs(high), 1e-6);
  return [low - room, high + room];
}
