/** What a run can be turned into. */
export const formatNames = [
  'csv',
  'jsonl',
  'imagefolder',
  'coco',
  'labelstudio',
  'encoder',
  'head',
  'onnx',
  'features',
  'hub',
] as const;

/** Name of a format that a run can be turned into. */
export type FormatName = (typeof formatNames)[number];
