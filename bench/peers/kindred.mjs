// Ours.
import { works as list } from './works.mjs';

export function open({ kindred, engine }) {
  const input = ({ shape, data }) => engine.input(shape, 'f32', data);
  /** Pixels of four channels load at once; the fourth is not read. */
  const images = ({ shape, data }) => {
    const padded = new Float32Array((data.length / 3) * 4);
    for (let i = 0; i < data.length; i++) padded[Math.floor(i / 3) * 4 + (i % 3)] = data[i];
    return engine.input([...shape.slice(0, 3), 4], 'f32', padded);
  };
  const compiled = async (body, outputs = {}, options = {}) => {
    const program = await engine.compile(body, options);
    return {
      async run() {
        program.run();
        await engine.gpu.idle();
      },
      async values() {
        program.run();
        const tensors = Object.keys(outputs).length > 0 ? outputs : program.outputs;
        return engine.read(...Object.values(tensors));
      },
    };
  };

  const matmul = (_, inputs) => {
    const [a, b] = [input(inputs.a), input(inputs.b)];
    return compiled(() => ({ c: kindred.matmul(a, b) }));
  };

  const conv = ({ stride, pad, pass }, inputs) => {
    const [x, w, y] = [input(inputs.x), input(inputs.w), input(inputs.dy)];
    if (pass === 'forward') return compiled(() => ({ y: kindred.conv2d(x, w, { stride, pad }) }));
    const outputs = { dx: engine.input(x.shape), dw: engine.input(w.shape) };
    const applied = { inputs: [x, w], outputs: [y], attributes: { stride, pad }, saved: undefined };
    return compiled(() => {
      kindred.ops.conv2d.backward(kindred.currentTape(), applied, [y], [outputs.dx, outputs.dw], []);
      return {};
    }, outputs);
  };

  const ntXent = async ({ temperature }, inputs) => {
    const store = engine.parameters();
    const { shape, data } = inputs.x;
    const x = store.trainable('views', shape, () => data, { decay: false });
    const program = await engine.compile(() => {
      const { loss } = kindred.ntXent(x, { temperature });
      kindred.backward(loss);
      return { loss };
    });
    const run = async () => {
      program.run();
      await engine.gpu.idle();
    };
    const gradient = { storage: x.gradient, dtype: 'f32' };
    const values = async () => {
      program.run();
      return engine.read(program.outputs.loss, gradient);
    };
    return { run, values };
  };

  const step = async (work, inputs) => {
    const model = simclrModel({ kindred, engine }, work);
    const views = images(inputs.views);
    const optimizer = kindred.sgd(engine, model.parameters, { momentum: work.momentum, weightDecay: 0 });
    const program = await engine.compile(() => {
      const { loss } = kindred.ntXent(model.project(model.encode(views)), { temperature: work.temperature });
      kindred.backward(loss);
      optimizer.update();
      return { loss };
    });
    const run = async () => {
      optimizer.prepare(0, work.learningRate);
      program.run();
      await engine.gpu.idle();
    };
    const values = async () => {
      const losses = [];
      for (let i = 0; i < 2; i++) {
        await run();
        losses.push((await program.read()).loss[0]);
      }
      return [Float32Array.from(losses)];
    };
    return { run, values };
  };

  const features = (_, inputs, { encoder }) => {
    const x = images(inputs.x);
    return compiled(() => ({ features: encoder.forward(x) }), {}, { training: false });
  };

  return { name: 'kindred', prepare: { matmul, conv, ntXent, step, features } };
}

function simclrModel({ kindred, engine }, { width, projection }) {
  const parameters = engine.parameters();
  const context = { parameters, seed: 1 };
  const { forward, featureSize } = kindred.createEncoder(
    context,
    kindred.resnet({ depth: 18, width, stem: 'cifar' }),
  );
  const sizes = [featureSize, ...projection];
  return {
    parameters,
    encode: forward,
    project: kindred.projectionHead(context, 'projector', { sizes, batchNorm: true }),
  };
}

/** The encoder of a work, of first weights, and the files that others read it from. */
export async function encoderOf({ kindred, engine }, { encoder: options, size: imageSize }) {
  const parameters = engine.parameters();
  const encoder = kindred.createEncoder({ parameters, seed: 1 }, kindred.architectureOf(options));
  const tensors = await parameters.read();
  const notes = { encoder: options, imageSize, method: 'bench', normalise: { mean: 0, std: 1 } };
  const safetensors = kindred.encodeWeights(tensors, notes);
  const onnx = kindred.encodeOnnx({ weights: { ...notes, tensors }, imageSize, version: 'bench' });
  return { encoder, options, safetensors, onnx };
}

/** The weights that every engine's step starts from: name → { data, shape }, running statistics left out. */
export async function initialWeights(side) {
  const work = Object.values(list).find(({ kind }) => kind === 'step');
  const { parameters } = simclrModel(side, work);
  const values = await parameters.read();
  const trainable = parameters.entries.filter((entry) => entry.trainable);
  return Object.fromEntries(
    trainable.map(({ name, tensor }) => [name, { data: values.get(name), shape: [...tensor.shape] }]),
  );
}
