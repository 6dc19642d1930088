import { type MethodName, pretextMethods } from '../../pretext/registry.ts';
import { type GivenSettings, type SettingsOf, settingsTable } from '../../setting.ts';
import { labellingSettings, pretextSettings, runSettings, tuningSettings } from './common.ts';
import { dataSettings } from './data.ts';

const { labelsPerClass: _perClass, ...images } = dataSettings;
const { pretext: _pretext, ...task } = pretextSettings;

/** What is compared: a pretext task's encoder, or supervised training that starts from chance. */
export type ComparedName = MethodName | 'scratch';
const comparedNames: readonly ComparedName[] = [...(Object.keys(pretextMethods) as MethodName[]), 'scratch'];

/** What is made of an encoder at each point of its curve. */
export const downstreamNames = ['probe', 'knn', 'finetune'] as const;

/** What makes a comparison what it is: its plan.json holds these, and a resume keeps those that are left open. */
export const comparedSettings = settingsTable({
  ...images,
  testLimit: {
    ...images.testLimit,
    help: 'at most so many held-out images, which only score',
  },
  methods: {
    kind: { type: 'choices', of: comparedNames },
    unit: 'names',
    help: `compare these: ${comparedNames.join(', ')}; scratch is the same network trained on the labels alone`,
    chosen: 'simclr,byol,rotation,scratch',
  },
  downstream: {
    kind: { type: 'choices', of: downstreamNames },
    unit: 'names',
    help: `what is made of each encoder: ${downstreamNames.join(', ')}`,
    chosen: downstreamNames.join(','),
  },
  perClass: {
    kind: { type: 'text' },
    unit: 'counts',
    help: 'labels a class at the points of the curves, with commas between them; all: every label that is not held out',
    default: '2,4,10,25,50,all',
  },
  draws: {
    ...labellingSettings.draws,
    help: 'draws of the labels at each point, the same for every method',
    default: 5,
  },
  ...task,
  pretextFrom: {
    ...task.pretextFrom,
    help: `${task.pretextFrom.help}; each method goes on from it, and it is compared as it was`,
  },
  budget: {
    kind: { type: 'whole', min: 1 },
    unit: 'images',
    help: 'images that each method sees in training, one that comes again counted again; sets the epochs',
    chosen: 'what SimCLR sees in 2 minutes on a processor, 30 on a graphics card',
  },
  minutes: {
    ...task.minutes,
    help: 'how long each method trains, instead of a number of images: the epochs follow from its own pace here',
    chosen: 'equal numbers of images instead',
  },
  epochs: { ...task.epochs, help: 'of each method, which is a budget too', chosen: 'as the budget says' },
  steps: {
    ...labellingSettings.steps,
    help: 'steps of a training on labels',
    chosen: '60 passes over them, 150 to 600 steps',
  },
  fineTune: labellingSettings.fineTune,
  layerDecay: labellingSettings.layerDecay,
  dropPath: labellingSettings.dropPath,
});
/** What a comparison is, with defaults filled in. */
export type ComparedSettings = SettingsOf<typeof comparedSettings>;

/** The table of the settings of `compareRun`. */
export const compareSettings = settingsTable({
  ...comparedSettings,
  ...tuningSettings,
  out: { ...runSettings.out, help: "the comparison's folder", chosen: 'runs/<date>-compare' },
  resume: {
    ...runSettings.resume,
    help: 'go on with the comparison in the folder where it stopped; settings that you leave open stay as it was started',
  },
});
/** Settings of `compareRun`, each of which may be left open. */
export type CompareSettings = GivenSettings<typeof compareSettings>;
