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
