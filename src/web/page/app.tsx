import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { LiveRegion } from './parts/live_region.tsx';
import { ProgressBar } from './parts/progress_bar.tsx';
import { Stepper } from './parts/stepper.tsx';
import { AugmentScreen } from './screens/augment.tsx';
import { HomeScreen } from './screens/home.tsx';
import { ImagesScreen } from './screens/images.tsx';
import { LabelScreen } from './screens/label.tsx';
import { StartScreen } from './screens/start.tsx';
import { TrainScreen } from './screens/train.tsx';
import { lapsed } from './state/access.ts';
import { session } from './state/current.ts';
import { attempt } from './state/messages.ts';
import { type Screen, screen, screenNames } from './state/screen.ts';
import { ThemeSwitch } from './theme.tsx';

const bodies: Readonly<Record<Screen, ComponentType>> = {
  start: StartScreen,
  images: ImagesScreen,
  augment: AugmentScreen,
  train: TrainScreen,
  label: LabelScreen,
  home: HomeScreen,
};

/** The page: steps on top, one of them below, and what there is to say. */
export function App() {
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const here = screen.value;
  const Body = bodies[here];
  useEffect(() => {
    document.title =
      here === 'start' ? 'kindred' : `${screenNames[here]} – ${session.value?.name ?? ''} – kindred`;
    // Whoever uses the keyboard goes on reading where the new step begins.
    const hasFocus = main.current?.contains(document.activeElement);
    if (!isFirst.current && !hasFocus) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
    scrollTo({ top: 0 });
  }, [here]);
  return (
    <>
      <header>
        <p class="product">
          <img src="icon.svg" alt="" width="24" height="24" />
          kindred
        </p>
        <Stepper />
        <ThemeSwitch />
      </header>
      <main ref={main} tabIndex={-1} class={here}>
        {session.value?.readOnly && (
          <p class="note">Another tab has this session open: here it can only be looked at.</p>
        )}
        {lapsed.value && (
          <div class="note">
            <p>
              The browser wants to be asked anew whether this page may use the folder {lapsed.value.name}.
            </p>
            <div class="actions">
              <button type="button" class="primary" onClick={() => void attempt(lapsed.value!.goOn)}>
                Continue
              </button>
            </div>
          </div>
        )}
        <Body />
      </main>
      <footer>
        {here !== 'images' && here !== 'train' && <ProgressBar />}
        <LiveRegion />
      </footer>
    </>
  );
}
