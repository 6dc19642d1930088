/** What the environment says of a process that was started together with others. */
export interface Launch {
  /** How many were started. */
  readonly size: number;
  /** This one's number, from 0. */
  readonly rank: number;
  /** The variable that says how many. */
  readonly variable: string;
  /** Whose launcher it was, by its variables. */
  readonly by: 'openmpi' | 'pmi' | 'slurm';
}

/** Variables with the number of processes and this one's number. A step's go before those of the job around it. */
const variables = [
  ['openmpi', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_RANK'],
  ['pmi', 'PMI_SIZE', 'PMI_RANK'],
  ['slurm', 'SLURM_STEP_NUM_TASKS', 'SLURM_PROCID'],
  ['slurm', 'SLURM_NTASKS', 'SLURM_PROCID'],
] as const;

/** Several processes that were started together; undefined where this one was started alone. */
export function launchOf(environment: Readonly<Record<string, string | undefined>>): Launch | undefined {
  for (const [by, variable, rankVariable] of variables) {
    const size = Number(environment[variable]);
    if (!Number.isSafeInteger(size) || size < 1) continue;
    return size > 1 ? { size, rank: Number(environment[rankVariable] ?? 0), variable, by } : undefined;
  }
  return undefined;
}

/** Variables with the number of processes that were started together on this machine, and this one's among them. */
const localVariables = [
  ['OMPI_COMM_WORLD_LOCAL_SIZE', 'OMPI_COMM_WORLD_LOCAL_RANK'],
  ['MPI_LOCALNRANKS', 'MPI_LOCALRANKID'],
  ['SLURM_STEP_TASKS_PER_NODE', 'SLURM_LOCALID'],
] as const;

/** Which of the processes on one machine a process is, and how many there are; 0 of 1 where nothing says so. */
export function placeOf(environment: Readonly<Record<string, string | undefined>>): {
  readonly local: number;
  readonly neighbours: number;
} {
  for (const [sizes, ranks] of localVariables) {
    // Slurm says `2(x3),1`: the first is as good as any other, since machines are alike but for the last.
    const neighbours = Number.parseInt(environment[sizes] ?? '', 10);
    const local = Number(environment[ranks]);
    if (neighbours > 1 && Number.isSafeInteger(local)) return { local, neighbours };
  }
  return { local: 0, neighbours: 1 };
}
