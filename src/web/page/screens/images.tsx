import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count, counted } from '../../../label/report/format.ts';
import { showFirst } from '../drop/first_pictures.ts';
import { ProgressBar } from '../parts/progress_bar.tsx';
import { Thumb } from '../parts/thumb.tsx';
import { ThumbGrid } from '../parts/thumb_grid.tsx';
import { reading, session } from '../state/current.ts';
import { attempt } from '../state/messages.ts';
import { goTo } from '../state/screen.ts';
import { studio } from '../state/studio_link.ts';
import { asSentence } from '../words.ts';

/** What was read, and what could not be. */
export function ImagesScreen() {
  return reading.value ? <Reading /> : session.value ? <Read /> : null;
}

function Reading() {
  const strip = useRef<HTMLUListElement>(null);
  const source = reading.value!;
  const [stops, setStops] = useState(false);
  useEffect(() => {
    let isShown = true;
    void showFirst(source, (picture) => {
      if (!isShown || !strip.current) return;
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [picture.width, picture.height];
      canvas.getContext('2d')!.drawImage(picture, 0, 0);
      picture.close();
      const item = document.createElement('li');
      item.append(canvas);
      strip.current.append(item);
    });
    return () => {
      isShown = false;
    };
  }, [source]);
  return (
    <>
      <h1>
        Reading{' '}
        {source.kind === 'demo' ? 'the demo' : source.kind === 'files' ? source.name : source.handle.name}
      </h1>
      <ProgressBar />
      <ul class="first" ref={strip} aria-label="The first images" />
      <div class="actions">
        <button
          type="button"
          disabled={stops}
          onClick={() => {
            setStops(true);
            void attempt(() => studio.pause());
          }}
        >
          {stops ? 'Stopping …' : 'Stop reading'}
        </button>
      </div>
    </>
  );
}

function Read() {
  const state = session.value!;
  const all = useMemo(() => Array.from({ length: state.images }, (_, i) => i), [state.images]);
  return (
    <>
      <h1>
        {state.name}: {counted(state.images, 'image')}
      </h1>
      <p class="lead">
        Each is kept as a square of {state.side} pixels; that is what is learned from.
        {state.answers > 0 && ` ${counted(state.answers, 'image')} came with a label.`}
        {state.unreadable.length > 0 && ` ${counted(state.unreadable.length, 'file')} cannot be read.`}
      </p>
      {state.notes.length > 0 && (
        <ul class="notes">
          {state.notes.map((text) => (
            <li key={text}>{asSentence(text)}</li>
          ))}
        </ul>
      )}
      {state.unreadable.length > 0 && <Unreadable files={state.unreadable} />}
      <ThumbGrid images={all} label={`${count(state.images)} images`} size={72}>
        {(image) => <Thumb image={image} name={state.paths[image]!} />}
      </ThumbGrid>
      <div class="actions onward">
        <button
          type="button"
          class="primary"
          onClick={() => goTo(state.stage === 'ready' ? 'label' : 'train')}
        >
          {state.stage === 'ready' ? 'Go on labelling' : 'Learn from these images'}
        </button>
        <button type="button" onClick={() => goTo('augment')}>
          See what training compares
        </button>
      </div>
    </>
  );
}

/** So many unreadable files are listed. */
const mostListed = 500;

function Unreadable({
  files,
}: {
  readonly files: readonly { readonly path: string; readonly reason: string }[];
}) {
  return (
    <details>
      <summary>{counted(files.length, 'file')} that cannot be read</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scroll" tabIndex={0} aria-label="Files that cannot be read">
        <table>
          <thead>
            <tr>
              <th scope="col">file</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            {files.slice(0, mostListed).map(({ path, reason }) => (
              <tr key={path}>
                <th scope="row" class="path">
                  {path}
                </th>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {files.length > mostListed && <p>And {count(files.length - mostListed)} more.</p>}
    </details>
  );
}
