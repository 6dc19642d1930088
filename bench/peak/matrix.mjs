// The rate of the adapter's matrix units through WGSL's subgroup matrices: independent chains of products, no memory.
import { quantile } from '../support.mjs';

const feature = 'chromium-experimental-subgroup-matrix';
const chains = 4;
const rounds = 1024;
const workgroups = 2048;
const lanes = 128;

/** @returns shapes such as `16×16×16 f16→f32` and operations a second; none where the adapter has no matrix units */
export async function matrixPeaks(gpu, runs) {
  const { adapterInfo } = gpu.device;
  if (!gpu.capabilities.features.has(feature)) return [];
  const configs = [...adapterInfo.subgroupMatrixConfigs].filter(
    ({ componentType, resultComponentType }) =>
      /^f(16|32)$/.test(componentType) && /^f(16|32)$/.test(resultComponentType),
  );
  const results = [];
  for (const config of configs) results.push(await matrixPeak(gpu, config, runs));
  return results;
}

async function matrixPeak(gpu, config, runs) {
  const { device } = gpu;
  const { subgroupMinSize } = device.adapterInfo;
  const { componentType: from, resultComponentType: to, M, N, K } = config;
  const code = `
    enable f16;
    enable chromium_experimental_subgroup_matrix;
    @group(0) @binding(0) var<storage, read> x: array<${from}>;
    @group(0) @binding(1) var<storage, read_write> y: array<${to}>;
    @compute @workgroup_size(${lanes})
    fn main() {
      let left = subgroupMatrixLoad<subgroup_matrix_left<${from}, ${K}, ${M}>, row_major>(&x, 0u, ${K}u);
      let right = subgroupMatrixLoad<subgroup_matrix_right<${from}, ${N}, ${K}>, row_major>(&x, 0u, ${N}u);
      ${repeat((i) => `var sum${i}: subgroup_matrix_result<${to}, ${N}, ${M}>;`)}
      for (var round = 0u; round < ${rounds}u; round++) {
        ${repeat((i) => `sum${i} = subgroupMatrixMultiplyAccumulate(left, right, sum${i});`)}
      }
      ${repeat((i) => `subgroupMatrixStore<row_major>(&y, ${i * M * N}u, sum${i}, ${N}u);`)}
    }`;
  const module = device.createShaderModule({ code });
  const pipeline = await gpu.wait(
    device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } }),
  );
  const buffers = [4 * Math.max(M, N) * K, 4 * chains * M * N].map((size) =>
    device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }),
  );
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const seconds = [];
  for (let run = -1; run < runs; run++) {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await gpu.wait(device.queue.onSubmittedWorkDone());
    if (run >= 0) seconds.push((performance.now() - start) / 1e3);
  }
  const subgroups = (workgroups * lanes) / subgroupMinSize;
  const flops = 2 * M * N * K * chains * rounds * subgroups;
  return { shape: `${M}×${N}×${K} ${from}→${to}`, flops: flops / quantile(seconds, 0.5) };
}

const repeat = (line) => Array.from({ length: chains }, (_, i) => line(i)).join('\n');
