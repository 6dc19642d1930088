import { computed, signal } from '@preact/signals';
import { type AugmentationPolicy, type PresetName, presets } from '../../../data/policy.ts';
import { session } from './current.ts';

/** A policy whose strengths were moved by hand; null while it is the preset. */
const moved = signal<AugmentationPolicy | null>(null);
const preset = signal<PresetName | null>(null);

/** Presets as people read them. */
export const presetNames: Readonly<Record<PresetName, string>> = {
  'simclr-cifar': 'SimCLR, small images',
  'simclr-imagenet': 'SimCLR, larger images: harder crops, blur',
  demo: "The demo's: strong colours, mild crops",
  weak: 'Weak: a flip and a shift',
  none: 'Nothing: both views are the image',
};

/** The preset that is chosen, by hand or by the images' size. */
export const presetName = computed<PresetName>(
  () => preset.value ?? ((session.value?.side ?? 0) <= 48 ? 'simclr-cifar' : 'simclr-imagenet'),
);

/** What the views are made by. */
export const policy = computed<AugmentationPolicy>(() => moved.value ?? presets[presetName.value]);

/** Whether a person chose it: otherwise training takes what suits the images. */
export const isOwnPolicy = computed(() => preset.value !== null || moved.value !== null);

/** Takes a preset, and forgets what was moved. */
export function choosePreset(name: PresetName): void {
  preset.value = name;
  moved.value = null;
}

/** Moves some strengths. */
export function movePolicy(change: Partial<AugmentationPolicy>): void {
  moved.value = { ...policy.value, ...change, name: 'custom' };
}
