// onnxruntime on the processor, by the ONNX file that a run exports. It stands where bench/exports has it.
import { createRequire } from 'node:module';
import { transpose } from './works.mjs';

export async function open({ threads }) {
  const require = createRequire(new URL('../exports/package.json', import.meta.url));
  const runtime = require('onnxruntime-node');
  const features = async (_, inputs, { onnx }) => {
    const options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
    const session = await runtime.InferenceSession.create(onnx, options);
    const { data, shape } = transpose(inputs.x, [0, 3, 1, 2]);
    const images = new runtime.Tensor('float32', data, shape);
    const features = async () => (await session.run({ images })).features.data;
    return {
      async run() {
        await features();
      },
      values: async () => [await features()],
    };
  };
  const { version } = require('onnxruntime-node/package.json');
  return { name: 'onnxruntime', version, details: `${threads} threads`, prepare: { features } };
}
