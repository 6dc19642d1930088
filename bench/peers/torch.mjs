// PyTorch in a Python process of its own, on the CPU or on CUDA: one JSON line a question, one an answer.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./torch_worker.py', import.meta.url));

/** @param device `cpu` or `cuda` */
export async function open({ threads, device }) {
  const python = process.env.PYTHON ?? ['/usr/bin/python3'].find(existsSync) ?? 'python3';
  const child = spawn(python, [script, device, String(threads)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const folder = mkdtempSync(join(tmpdir(), 'kindred-torch-'));
  const answer = async () => {
    const { value, done } = await lines.next();
    const reason = complaint.trim().split('\n').at(-1);
    if (done) throw new Error(reason || 'Python ended without a word');
    const message = JSON.parse(value);
    if (message.error) throw new Error(message.error);
    return message;
  };
  const ask = (question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return answer();
  };
  const close = () => {
    child.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  };
  child.stdin.on('error', () => {});
  child.on('error', () => {});
  let greeting;
  try {
    greeting = await answer();
  } catch (error) {
    close();
    throw error;
  }
  let files = 0;
  const stored = (tensors) =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { data, shape }]) => {
        const path = join(folder, String(files++));
        writeFileSync(path, data);
        return [name, { path, shape }];
      }),
    );
  const prepare = async (work, inputs, weights) => {
    await ask({ do: 'prepare', work, inputs: stored(inputs), weights: stored(weights ?? {}) });
    return {
      /** Its own clocks: a pipe's delay is not PyTorch's. */
      run: () => ask({ do: 'run' }),
      async values() {
        const { paths } = await ask({ do: 'values', folder });
        return paths.map((path) => new Float32Array(Uint8Array.from(readFileSync(path)).buffer));
      },
    };
  };
  const features = (work, inputs, { options, safetensors }) => {
    const file = join(folder, String(files++));
    writeFileSync(file, safetensors);
    return prepare({ ...work, options, file }, inputs);
  };
  const kinds = { matmul: prepare, conv: prepare, ntXent: prepare, step: prepare, features };
  return { name: greeting.name, version: greeting.version, details: greeting.details, prepare: kinds, close };
}
