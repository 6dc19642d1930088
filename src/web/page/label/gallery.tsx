import { useState } from 'preact/hooks';
import { count, counted, percent } from '../../../label/report/format.ts';
import { Slider } from '../parts/slider.tsx';
import { Thumb } from '../parts/thumb.tsx';
import { ThumbGrid } from '../parts/thumb_grid.tsx';
import { session } from '../state/current.ts';
import { expectedError, galleryOf } from '../state/judged.ts';
import { answerAll } from '../state/labelling.ts';
import { note } from '../state/messages.ts';
import { judgement } from '../state/training.ts';

/** What probably belongs to a class, the least sure first; many are accepted at once, or set right. */
export function Gallery() {
  const { classes = [], readOnly = false } = session.value ?? {};
  const [index, setIndex] = useState(0);
  const [least, setLeast] = useState(0.95);
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const images = galleryOf(index);
  const confidence = judgement.value?.confidence;
  const accepted = images.filter((image) => confidence![image]! >= least && !marked.has(image));
  const wrong = images.filter((image) => marked.has(image));
  if (classes.length === 0) return <p class="empty">Add a class and label some images first.</p>;
  const mark = (image: number) => {
    const next = new Set(marked);
    if (!next.delete(image)) next.add(image);
    setMarked(next);
  };
  const accept = async () => {
    await answerAll(Int32Array.from(accepted), index);
    note(`${counted(accepted.length, 'image')} accepted as ${classes[index]}; undo takes all of them back.`);
  };
  const move = async (text: string) => {
    if (text === '') return;
    await answerAll(Int32Array.from(wrong), text === 'none' ? 'none' : Number(text));
    setMarked(new Set());
  };
  return (
    <div class="gallery">
      <div class="bar">
        <label class="field inline">
          <span>Class</span>
          <select
            value={index}
            onChange={({ currentTarget }) => {
              setIndex(Number(currentTarget.value));
              setMarked(new Set());
            }}
          >
            {classes.map((name, at) => (
              <option key={name} value={at}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Slider name="Accept from" words={percent(least)} value={least} least={0.5} onInput={setLeast} />
        <button
          type="button"
          class="primary"
          disabled={readOnly || accepted.length === 0}
          onClick={() => void accept()}
        >
          Accept {count(accepted.length)} as {classes[index]}
        </button>
      </div>
      <p class="small">
        {accepted.length > 0
          ? `Of these ${count(accepted.length)}, about ${percent(expectedError(accepted))} are expected to be wrong, by their confidences.`
          : `None of the ${count(images.length)} images of this class is that sure.`}{' '}
        The least sure come first; a click marks an image that is something else.
      </p>
      {wrong.length > 0 && (
        <div class="bar">
          <label class="field inline">
            <span>{counted(wrong.length, 'marked image')} instead:</span>
            <select value="" onChange={({ currentTarget }) => void move(currentTarget.value)}>
              <option value="">choose</option>
              {classes.map(
                (name, at) =>
                  at !== index && (
                    <option key={name} value={at}>
                      {name}
                    </option>
                  ),
              )}
              <option value="none">none of these</option>
            </select>
          </label>
        </div>
      )}
      {images.length === 0 ? (
        <p class="empty">No image without a label of yours is likely to be {classes[index]}.</p>
      ) : (
        <ThumbGrid
          images={images}
          label={`Probably ${classes[index]}, the least sure first`}
          size={76}
          captionHeight={18}
        >
          {(image) => (
            <button
              type="button"
              class="pick"
              aria-pressed={marked.has(image)}
              aria-label={`${session.value!.paths[image]}, ${percent(confidence![image]!)}: something else`}
              onClick={() => mark(image)}
            >
              <Thumb image={image} />
              <span class={confidence![image]! >= least ? 'sure' : ''}>{percent(confidence![image]!)}</span>
            </button>
          )}
        </ThumbGrid>
      )}
    </div>
  );
}
