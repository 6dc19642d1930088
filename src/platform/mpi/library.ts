import { UserError } from '../../errors.ts';
import type { Launch } from './launch.ts';

/** Bytes of a communicator, a type or a request, of whichever family. */
type Handle = unknown;

/** A group of processes among whom exchanges have an order of their own. */
export type Communicator = Handle;

/** The calls of an MPI library that are used, and its handles. Those that end in an error end all processes. */
export interface Mpi {
  /** As the library calls itself, in a few words: `Open MPI 4.1.4`. */
  readonly name: string;
  /** How many processes it sees. */
  readonly size: number;
  /** This one's number. */
  readonly rank: number;
  /** All processes. */
  readonly world: Communicator;
  /** All processes once more; every rank asks for it at the same time. */
  another(): Communicator;
  /** Begins to gather as many bytes from each rank as `own` has. */
  gather(among: Communicator, own: Uint8Array, all: Uint8Array, request: Uint8Array): void;
  /** Begins to send each rank its part of `parts`. */
  exchange(among: Communicator, parts: Uint8Array, received: Uint8Array, request: Uint8Array): void;
  /** Begins to wait for all ranks. */
  barrier(among: Communicator, request: Uint8Array): void;
  /** Whether what was begun has come to its end. */
  isDone(request: Uint8Array): boolean;
  /** Ends all processes. */
  abort(code: number): void;
  /** Takes leave of the others. */
  finalize(): void;
}

/** What the families' libraries are called. MPICH's binary interface is also Intel's and MVAPICH's. */
const names = {
  openmpi: ['libmpi.so.40', 'libmpi.40.dylib'],
  mpich: ['libmpich.so.12', 'libmpi.so.12', 'libmpi.12.dylib'],
} as const;

const installing =
  'install Open MPI (openmpi-bin and libopenmpi3 on Debian and Ubuntu) or MPICH (mpich), or set KINDRED_MPI to the path of its library libmpi';

type Koffi = typeof import('koffi')['default'];
type Library = ReturnType<Koffi['load']>;

/** Loads the library of the family that started the processes, and begins. @throws UserError where there is none */
export async function loadMpi(launch: Launch): Promise<Mpi> {
  const koffi = await import('koffi').then(
    (module) => module.default,
    () => {
      throw new UserError(
        `${launch.size} processes were started together (${launch.variable}), and training over MPI needs the package koffi, which is not installed: add it with npm install koffi`,
      );
    },
  );
  return begin(koffi, openLibrary(koffi, launch));
}

function openLibrary(koffi: Koffi, { by, size, variable }: Launch): Library {
  const given = process.env.KINDRED_MPI;
  const { openmpi, mpich } = names;
  const wanted = given ? [given] : by === 'pmi' ? [...mpich, ...openmpi] : [...openmpi, ...mpich];
  for (const name of wanted) {
    try {
      // Open MPI's plug-ins find the library's own symbols only where these are global.
      return koffi.load(name, { global: true });
    } catch {
      // Not there; another may be.
    }
  }
  const why = given ? `KINDRED_MPI is ${given}, which cannot be loaded` : 'no MPI library is installed';
  throw new UserError(
    `${size} processes were started together (${variable}), and ${why} on this machine: ${installing}`,
  );
}

function begin(koffi: Koffi, library: Library): Mpi {
  const { world, byte, handle } = handlesOf(library);
  // A communicator is a pointer in one family and a number in the other; bytes are passed as they lie.
  const call = (definition: string) => library.func(definition.replaceAll('HANDLE', handle));
  const initialize = call('int MPI_Init_thread(void *, void *, int, _Out_ int *)');
  const sizeOf = call('int MPI_Comm_size(HANDLE, _Out_ int *)');
  const rankOf = call('int MPI_Comm_rank(HANDLE, _Out_ int *)');
  const duplicate = call('int MPI_Comm_dup(HANDLE, _Out_ HANDLE *)');
  const gather = call('int MPI_Iallgather(void *, int, HANDLE, void *, int, HANDLE, HANDLE, void *)');
  const exchange = call('int MPI_Ialltoall(void *, int, HANDLE, void *, int, HANDLE, HANDLE, void *)');
  const barrier = call('int MPI_Ibarrier(HANDLE, void *)');
  const test = call('int MPI_Test(void *, _Out_ int *, void *)');
  const abort = call('int MPI_Abort(HANDLE, int)');
  const finalize = call('int MPI_Finalize()');
  // Both families ignore a status of this address.
  const status = new Uint8Array(new ArrayBuffer(256));
  const number = (ask: (out: number[]) => void): number => {
    const out = [0];
    ask(out);
    return out[0]!;
  };
  // Only the main thread calls MPI (MPI_THREAD_FUNNELED).
  initialize(null, null, 1, [0]);
  const size = number((out) => sizeOf(world, out));
  return {
    name: libraryName(koffi, library),
    size,
    rank: number((out) => rankOf(world, out)),
    world,
    another() {
      const out: Handle[] = [null];
      duplicate(world, out);
      return out[0];
    },
    gather: (among, own, all, request) =>
      void gather(own, own.length, byte, all, own.length, byte, among, request),
    exchange(among, parts, received, request) {
      const each = parts.length / size;
      exchange(parts, each, byte, received, each, byte, among, request);
    },
    barrier: (among, request) => void barrier(among, request),
    isDone: (request) => number((out) => test(request, out, status)) !== 0,
    abort: (code) => void abort(world, code),
    finalize: () => void finalize(),
  };
}

/** MPI_COMM_WORLD and MPI_BYTE: variables of Open MPI's library, numbers of MPICH's binary interface. */
function handlesOf(library: Library): { world: Handle; byte: Handle; handle: string } {
  try {
    const world = library.symbol('ompi_mpi_comm_world', 'void *');
    return { world, byte: library.symbol('ompi_mpi_byte', 'void *'), handle: 'void *' };
  } catch {
    return { world: 0x44000000, byte: 0x4c00010d, handle: 'int' };
  }
}

/** `Open MPI 4.1.4` of `Open MPI v4.1.4, package: …`; `MPICH 4.0.2` of `MPICH Version:\t4.0.2\n…`. */
function libraryName(koffi: Koffi, library: Library): string {
  const text = new Uint8Array(new ArrayBuffer(8192));
  library.func('int MPI_Get_library_version(void *, _Out_ int *)')(text, [0]);
  const [line = ''] = koffi.decode(text, 'char', -1).split('\n');
  return line
    .split(',')[0]!
    .replace(/\s+Version:/, '')
    .replace(/\s+v?(?=\d)/, ' ')
    .trim();
}
