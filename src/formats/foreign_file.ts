import { quote } from './quote.ts';

// Files that people take for weights files: each has a sentence of its own, which says what to do.

const wanted = 'give a safetensors file or one that torch.save wrote';
const ofPyTorch = 'give weights of PyTorch, as safetensors or by torch.save';

interface Kind {
  /** Bytes that the file begins with, as text of one character a byte. */
  readonly begins: string;
  readonly at?: number;
  readonly sentence: string;
}

const kinds: readonly Kind[] = [
  { begins: '\x1f\x8b', sentence: 'is compressed (gzip): unpack it and give the file inside' },
  { begins: 'BZh', sentence: 'is compressed (bzip2): unpack it and give the file inside' },
  { begins: '\xfd7zXZ\0', sentence: 'is compressed (xz): unpack it and give the file inside' },
  { begins: '\x28\xb5\x2f\xfd', sentence: 'is compressed (zstd): unpack it and give the file inside' },
  { begins: "7z\xbc\xaf'\x1c", sentence: 'is an archive (7-Zip): unpack it and give the file inside' },
  { begins: 'Rar!', sentence: 'is an archive (RAR): unpack it and give the file inside' },
  {
    begins: 'ustar',
    at: 257,
    sentence:
      'is an archive (tar): unpack it and give the file inside; where PyTorch 0.1 wrote it, load it there and save it again',
  },
  { begins: '\x89HDF\r\n\x1a\n', sentence: `is an HDF5 file, as Keras writes: ${ofPyTorch}` },
  { begins: '\x93NUMPY', sentence: `is a NumPy array (.npy), not weights: ${wanted}` },
  { begins: 'PAR1', sentence: `is a Parquet table, not weights: ${wanted}` },
  { begins: 'GGUF', sentence: `is a GGUF file: ${ofPyTorch}` },
  { begins: 'TFL3', at: 4, sentence: `is a TensorFlow Lite model: ${ofPyTorch}` },
  { begins: 'MATLAB 5.0', sentence: `is a MATLAB file: ${ofPyTorch}` },
  { begins: '\x89PNG', sentence: `is an image (PNG): ${wanted}` },
  { begins: '\xff\xd8\xff', sentence: `is an image (JPEG): ${wanted}` },
  { begins: '%PDF', sentence: `is a PDF document: ${wanted}` },
];

/** What a file is that is neither safetensors nor of torch.save, as the end of a sentence that begins with its name. */
export function foreignFile(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty: download or copy it again';
  const start = String.fromCharCode(...bytes.subarray(0, 1024));
  const text = start.replace(/^\xef\xbb\xbf/, '').trimStart();
  const pointer = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//.test(text);
  if (pointer) {
    const size = /^size (\d{1,15})$/m.exec(text)?.[1];
    const what = size === undefined ? 'the file itself' : `the file of ${size} bytes that it stands for`;
    return `is a Git LFS pointer and not ${what}: run git lfs pull where it comes from, or download it from its page`;
  }
  if (/^<(?:!doctype|html|head|body|\?xml|!--)/i.test(text)) {
    return 'is a web page saved under this name (a login, an error or the page about the file): download the file itself';
  }
  if (/^[[{]/.test(text)) return jsonSentence(text);
  const kind = kinds.find(({ begins, at = 0 }) => start.startsWith(begins, at));
  if (kind) return kind.sentence;
  if (isOnnx(bytes)) return `is an ONNX model: ${ofPyTorch}`;
  if (bytes.every((byte) => byte === 0)) return 'holds nothing but zeros: download or copy it again';
  return `is neither a safetensors file nor one that torch.save wrote (it begins with ${quote(start.slice(0, 12))}): ${wanted}`;
}

function jsonSentence(text: string): string {
  return text.includes('"weight_map"') || text.includes('"total_size"')
    ? 'is the list of a model in several parts and not its weights: give the folder that holds it and the parts'
    : `is a JSON text and not weights: ${wanted}`;
}

/** A protocol buffer whose first field is ONNX's version of the format and whose next is a text or a number that it has. */
function isOnnx(bytes: Uint8Array): boolean {
  const [first, version, second] = bytes;
  return (
    first === 0x08 &&
    version! >= 1 &&
    version! <= 20 &&
    [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(second!)
  );
}
