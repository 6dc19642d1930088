import { UserError } from '../../errors.ts';
import { type Launch, launchOf } from './launch.ts';
import { loadMpi } from './library.ts';
import { MpiLink } from './mpi_link.ts';
import type { RankLink } from './rank_link.ts';

/** See `Platform.ranks`. */
export async function openRanks(patience: number): Promise<RankLink | undefined> {
  const launch = launchOf(process.env);
  if (!launch) return undefined;
  const mpi = await loadMpi(launch);
  if (mpi.size === launch.size) return new MpiLink(mpi, patience);
  const problem = otherSize(launch, mpi);
  mpi.finalize();
  throw new UserError(problem);
}

/** A library of the wrong family starts without an error, and takes each process for the only one. */
function otherSize(
  { size, variable, by }: Launch,
  { size: seen, name }: { size: number; name: string },
): string {
  const advice =
    by === 'slurm'
      ? 'start it with mpirun, or with srun and its option mpi, say as pmix (list shows what there is)'
      : `start it with the mpirun of ${name}, or set KINDRED_MPI to the libmpi of the mpirun that was used`;
  return `${size} processes were started together (${variable}), but ${name} sees ${seen}: ${advice}`;
}
