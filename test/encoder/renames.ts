// How programs name what torchvision calls otherwise: the way back of src/encoder/names/naming.ts, written anew.

/** How somebody names what torchvision calls `name`; several names for what is saved several times. */
export type Rename = (name: string) => string | readonly string[];

export const behind =
  (...prefixes: string[]): Rename =>
  (name) =>
    prefixes.map((prefix) => prefix + name);

/** torch.nn.Sequential(*resnet.children()): the stem's and the stages' numbers. */
export const numbered =
  (prefix: string, conv1: number, bn1: number, layer1: number, shortcut = 'downsample'): Rename =>
  (name) =>
    prefix +
    name
      .replace(/^conv1\./, `${conv1}.`)
      .replace(/^bn1\./, `${bn1}.`)
      .replace(/^layer(\d)/, (_, stage) => String(Number(stage) - 1 + layer1))
      .replace('downsample', shortcut);

export const kuangliu: Rename = (name) => name.replace('downsample', 'shortcut');

export const transformers =
  (prefix: string): Rename =>
  (name) => {
    const [, stage, block, part] = /^layer(\d)\.(\d+)\.(.*)$/.exec(name) ?? [];
    const layer = (rest: string) =>
      rest
        .replace(/^conv(\d)/, (_, k) => `layer.${k - 1}.convolution`)
        .replace(/^bn(\d)/, (_, k) => `layer.${k - 1}.normalization`)
        .replace('downsample.0', 'shortcut.convolution')
        .replace('downsample.1', 'shortcut.normalization');
    return (
      prefix +
      (part
        ? `encoder.stages.${Number(stage) - 1}.layers.${block}.${layer(part)}`
        : name
            .replace('conv1', 'embedder.embedder.convolution')
            .replace('bn1', 'embedder.embedder.normalization'))
    );
  };

export const simclrV2: Rename = (name) =>
  `resnet.${name
    .replace(/^conv1/, 'net.0.0')
    .replace(/^bn1/, 'net.0.1.0')
    .replace(/conv(\d)/, (_, k) => `net.${2 * k - 2}`)
    .replace(/\bbn(\d)/, (_, k) => `net.${2 * k - 1}.0`)
    .replace('downsample.0', 'projection.shortcut')
    .replace('downsample.1', 'projection.bn.0')
    .replace(/^layer(\d)/, 'net.$1.blocks')}`;

export const cifar100: Rename = (name) =>
  name
    .replace(/^bn1/, 'conv1.1')
    .replace(/^conv1\.weight/, 'conv1.0.weight')
    .replace(/(?<=\d\.)conv(\d)/, (_, k) => `residual_function.${3 * (k - 1)}`)
    .replace(/(?<=\d\.)bn(\d)/, (_, k) => `residual_function.${3 * (k - 1) + 1}`)
    .replace('downsample', 'shortcut')
    .replace(/^layer(\d)/, (_, stage) => `conv${Number(stage) + 1}_x`);

/** mmdet and mmseg: the deep stem as one Sequential, and no place for the pool that a stride of 1 does not need. */
export const openMmlab: Rename = (name) =>
  `state_dict.backbone.${name
    .replace(/^conv1\.(\d)/, 'stem.$1')
    .replace(/^bn1/, 'stem.7')
    .replace(/^(layer1\.0\.downsample)\.([12])/, (_, at, k) => `${at}.${k - 1}`)}`;

/** mmpretrain: the same of modules that hold a convolution and its norm. */
export const convModules: Rename = (name) =>
  `backbone.${name.replace(/^conv1\.(\d)/, (_, k) => `stem.${Math.floor(k / 3)}.${k % 3 === 0 ? 'conv' : 'bn'}`).replace(/^bn1/, 'stem.2.bn')}`;
