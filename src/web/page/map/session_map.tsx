import { computed } from '@preact/signals';
import { noneOfThese } from '../../../data/labels/none_of_these.ts';
import { count } from '../../../label/report/format.ts';
import { session } from '../state/current.ts';
import { describeImage } from '../state/judged.ts';
import { changes, given, tally } from '../state/labelling.ts';
import { judgement, map } from '../state/training.ts';
import { isDark } from '../theme.tsx';
import { classColour, noClass, packed } from './class_colours.ts';
import { MapView } from './map_view.tsx';

/** How strongly a point shows its colour: what is given, what is sure, what is not. */
const opacity = { given: 1, sure: 0.75, doubtful: 0.35, none: 0.55 };
const sure = 0.9;

/** Colours of the map's points: of a given label, or of the probable one by how sure it is. */
const colours = computed(() => {
  void changes.value;
  const dark = isDark();
  const images = map.value?.images ?? new Int32Array(0);
  const judged = judgement.value;
  const answers = given.value;
  const found = new Uint32Array(images.length);
  for (let at = 0; at < images.length; at++) {
    const image = images[at]!;
    const label = answers[image] ?? -1;
    const predicted = judged?.predicted[image] ?? -1;
    if (label === noneOfThese) found[at] = packed(noClass(dark), opacity.given);
    else if (label >= 0) found[at] = packed(classColour(label, dark), opacity.given);
    else if (predicted < 0) found[at] = packed(noClass(dark), opacity.none);
    else {
      const strength = judged!.confidence[image]! >= sure ? opacity.sure : opacity.doubtful;
      found[at] = packed(classColour(predicted, dark), strength);
    }
  }
  return found;
});

/** The map of the open session. */
export function SessionMap({
  onPick,
  legend = true,
}: {
  readonly onPick?: (image: number) => void;
  /** Whether the classes' colours are told. */
  readonly legend?: boolean;
}) {
  const now = map.value;
  if (!now) return null;
  const classes = session.value?.classes ?? [];
  const label = `Map of ${count(now.images.length)} images, like ones close to each other; ${count(tally.value.answered)} of them have a label.`;
  return (
    <section class="mapped" aria-label="Map">
      <MapView
        images={now.images}
        points={now.points}
        colours={colours.value}
        label={label}
        describe={describeImage}
        {...(onPick && { onPick })}
      />
      {legend && classes.length > 0 && classes.length <= 10 && (
        <ul class="legend">
          {classes.map((name, index) => (
            <li key={name}>
              <i style={{ background: classColour(index, isDark()) }} />
              {name}
            </li>
          ))}
        </ul>
      )}
      <p class="small">
        Like images lie close to each other{onPick ? '; a click on one shows it' : ''}. Faint points are not
        sure yet.
      </p>
    </section>
  );
}
