import { useEffect, useRef, useState } from 'preact/hooks';
import type { PresetName } from '../../../data/policy.ts';
import type { ViewPairs } from '../../studio/studio.ts';
import { Slider } from '../parts/slider.tsx';
import { session } from '../state/current.ts';
import { attempt } from '../state/messages.ts';
import { imageData } from '../state/pixel_store.ts';
import { choosePreset, movePolicy, policy, presetName, presetNames } from '../state/policy.ts';
import { goTo } from '../state/screen.ts';
import { studio } from '../state/studio_link.ts';

/** So many images are shown with their views. */
const shown = 9;
const mostHue = 0.5;

/** What training compares: two views of each image, by a policy whose strengths can be moved. */
export function AugmentScreen() {
  const [seed, setSeed] = useState(1);
  return (
    <>
      <h1>What training compares</h1>
      <p class="lead">
        Training alters each image twice and learns that the two views are kin. What the views do not share is
        learned to be unimportant: choose changes that leave your classes recognisable.
      </p>
      <div class="columns augment">
        <Strengths />
        <div>
          <Pairs seed={seed} />
          <div class="actions">
            <button type="button" onClick={() => setSeed(seed + 1)}>
              Other images
            </button>
          </div>
        </div>
      </div>
      <div class="actions onward">
        <button type="button" class="primary" onClick={() => goTo('train')}>
          Go on to training
        </button>
      </div>
    </>
  );
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;

function Strengths() {
  const now = policy.value;
  const { crop, jitter, blur } = now;
  const base = jitter ?? { probability: 0.8, brightness: 0, contrast: 0, saturation: 0, hue: 0 };
  const area = crop?.scale[0] ?? 1;
  return (
    <form class="strengths" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Policy</span>
        <select
          value={presetName.value}
          onChange={({ currentTarget }) => choosePreset(currentTarget.value as PresetName)}
        >
          {Object.entries(presetNames).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <Slider
        name="Smallest part that is cut out"
        words={area >= 1 ? 'all of it' : `${percent(area)} of the area`}
        value={area}
        least={0.05}
        onInput={(least) =>
          movePolicy({
            crop: least >= 1 ? null : { scale: [least, 1], ratio: crop?.ratio ?? [3 / 4, 4 / 3] },
          })
        }
      />
      <Slider
        name="Mirrored"
        words={`${percent(now.flip)} of views`}
        value={now.flip}
        onInput={(flip) => movePolicy({ flip })}
      />
      <Slider
        name="Colours changed"
        words={`${percent(jitter?.probability ?? 0)} of views`}
        value={jitter?.probability ?? 0}
        onInput={(probability) => movePolicy({ jitter: { ...base, probability } })}
      />
      <Slider
        name="Light and contrast"
        words={`± ${percent(base.brightness)}`}
        value={base.brightness}
        onInput={(light) => movePolicy({ jitter: { ...base, brightness: light, contrast: light } })}
      />
      <Slider
        name="Saturation"
        words={`± ${percent(base.saturation)}`}
        value={base.saturation}
        onInput={(saturation) => movePolicy({ jitter: { ...base, saturation } })}
      />
      <Slider
        name="Hue"
        words={`± ${Math.round(360 * base.hue)}°`}
        value={base.hue}
        most={mostHue}
        onInput={(hue) => movePolicy({ jitter: { ...base, hue } })}
      />
      <Slider
        name="Made grey"
        words={`${percent(now.greyscale)} of views`}
        value={now.greyscale}
        onInput={(greyscale) => movePolicy({ greyscale })}
      />
      <Slider
        name="Blurred"
        words={`${percent(blur?.probability ?? 0)} of views`}
        value={blur?.probability ?? 0}
        onInput={(probability) =>
          movePolicy({
            blur: probability === 0 ? null : { sigma: [0.1, 2], kernel: 0.1, ...blur, probability },
          })
        }
      />
    </form>
  );
}

function Pairs({ seed }: { readonly seed: number }) {
  const [pairs, setPairs] = useState<ViewPairs | null>(null);
  const wanted = useRef<(() => Promise<ViewPairs>) | undefined>(undefined);
  const busy = useRef(false);
  const now = policy.value;
  const total = session.value?.images ?? 0;
  useEffect(() => {
    const images = Int32Array.from(
      { length: Math.min(shown, total) },
      (_, i) => Math.floor(((i + ((seed * 0.618) % 1)) * total) / shown) % total,
    );
    wanted.current = () => studio.pairs({ ...now }, images, seed);
    // One request at a time, and after it only the last of those that came meanwhile: a slider sends many.
    const ask = async () => {
      if (busy.current) return;
      busy.current = true;
      for (let next = wanted.current; next; next = wanted.current) {
        wanted.current = undefined;
        const made = await attempt(next);
        if (made) setPairs(made);
      }
      busy.current = false;
    };
    void ask();
    return () => {
      wanted.current = undefined;
    };
  }, [now, seed, total]);
  return (
    <ul class="pairs" aria-label="Images, each with two views of it">
      {Array.from({ length: Math.min(shown, total) }, (_, row) => (
        <li key={row}>
          {row === 0 && ['image', 'one view', 'another'].map((name) => <span key={name}>{name}</span>)}
          {[0, 1, 2].map((view) => (
            <View key={view} pairs={pairs} number={3 * row + view} />
          ))}
        </li>
      ))}
    </ul>
  );
}

function View({ pairs, number }: { readonly pairs: ViewPairs | null; readonly number: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const side = pairs?.side ?? 1;
  useEffect(() => {
    if (!pairs) return;
    const bytes = 3 * side ** 2;
    const own = pairs.pixels.subarray(number * bytes, (number + 1) * bytes);
    canvas.current!.getContext('2d')!.putImageData(imageData(own, side), 0, 0);
  }, [pairs, side, number]);
  return (
    <canvas
      ref={canvas}
      class="thumb"
      width={side}
      height={side}
      role="img"
      aria-label={number % 3 === 0 ? 'image' : 'view'}
    />
  );
}
