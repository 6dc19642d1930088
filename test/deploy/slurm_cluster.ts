import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const programs = ['slurmctld', 'slurmd', 'munged', 'sbatch', 'scontrol', 'squeue', 'scancel'];
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Why no cluster can be started here; undefined where one can. */
export function noSlurm(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'Slurm is started by root on Linux';
  const missing = programs.filter((program) => !has(program));
  return missing.length === 0 ? undefined : `there is no ${missing.join(', ')}`;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((ready) => server.once('listening', ready))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** A Slurm of one node, on the loopback interface, with files of its own. */
export class SlurmCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'kindred-slurm-'));
  readonly #daemons: ChildProcess[] = [];
  #env: Record<string, string | undefined> = {};

  /** Starts it. @param slots tasks that run at a time */
  async start(slots: number): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    chmodSync(this.folder, 0o755);
    for (const name of ['state', 'spool', 'munge']) mkdirSync(at(name));
    writeFileSync(at('munge/key'), crypto.getRandomValues(new Uint8Array(128)), { mode: 0o600 });
    const [controller, node] = await freePorts(2);
    const host = hostname().split('.')[0]!;
    const conf = [
      'ClusterName=kindredtest',
      `SlurmctldHost=${host}(127.0.0.1)`,
      `SlurmctldPort=${controller}`,
      `SlurmdPort=${node}`,
      'SlurmUser=root',
      'SlurmdUser=root',
      'AuthType=auth/munge',
      `AuthInfo=socket=${at('munge/socket')}`,
      'CredType=cred/munge',
      `StateSaveLocation=${at('state')}`,
      `SlurmdSpoolDir=${at('spool')}`,
      `SlurmctldPidFile=${at('slurmctld.pid')}`,
      `SlurmdPidFile=${at('slurmd.pid')}`,
      'ProctrackType=proctrack/linuxproc',
      'TaskPlugin=task/none',
      'JobAcctGatherType=jobacct_gather/none',
      'AccountingStorageType=accounting_storage/none',
      'SwitchType=switch/none',
      'MpiDefault=none',
      'SelectType=select/cons_tres',
      'SelectTypeParameters=CR_Core',
      'SchedulerParameters=sched_interval=1,batch_sched_delay=0',
      'KillWait=20',
      'MinJobAge=3600',
      'ReturnToService=2',
      'JobRequeue=1',
      'SlurmdParameters=config_overrides',
      `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${slots} RealMemory=1000 State=UNKNOWN`,
      `PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
    ];
    writeFileSync(at('slurm.conf'), `${conf.join('\n')}\n`);
    this.#env = { ...process.env, SLURM_CONF: at('slurm.conf'), MUNGE_SOCKET: at('munge/socket') };
    const munge = ['key', 'socket', 'log', 'pid', 'seed'].map((name) => `munge/${name}`).map(at);
    const [key, socket, log, pid, seed] = munge;
    this.#run('munged', [
      ...['--foreground', '--force', `--key-file=${key}`, `--socket=${socket}`, `--log-file=${log}`],
      ...[`--pid-file=${pid}`, `--seed-file=${seed}`],
    ]);
    await sleep(500);
    this.#run('slurmctld', ['-D', '-c', '-f', at('slurm.conf'), '-L', at('slurmctld.log')]);
    await sleep(500);
    this.#run('slurmd', ['-D', '-f', at('slurm.conf'), '-L', at('slurmd.log')]);
    await this.until(() => /idle/.test(this.call('sinfo', '-h', '-o', '%T').stdout), 'an idle node');
  }

  #run(program: string, args: string[]): void {
    const output = openSync(join(this.folder, `${program}.out`), 'a');
    const child = spawn(program, args, { stdio: ['ignore', output, output], env: this.#env });
    this.#daemons.push(child);
  }

  /** Calls one of Slurm's programs. */
  call(
    program: string,
    ...args: string[]
  ): { readonly code: number; readonly stdout: string; readonly stderr: string } {
    const { status, stdout, stderr } = spawnSync(program, args, {
      env: this.#env,
      cwd: this.folder,
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { code: status ?? -1, stdout: (stdout ?? '').trim(), stderr: (stderr ?? '').trim() };
  }

  /** Submits a script. @returns the array's number */
  submit(array: string, script: string, job: string, env: Record<string, string>): string {
    const exported = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const { code, stdout, stderr } = this.call(
      'sbatch',
      ...[
        '--parsable',
        `--array=${array}`,
        '--cpus-per-task=1',
        `--export=${['ALL', ...exported].join(',')}`,
      ],
      ...[script, job],
    );
    if (code !== 0) throw new Error(`sbatch: ${stderr}`);
    return stdout;
  }

  /** The state of each task of an array, by its index. */
  states(array: string): Map<number, string> {
    const { stdout } = this.call('squeue', '-h', '-r', '-t', 'all', '-j', array, '-o', '%K %T');
    const rows = stdout.split('\n').map((line) => line.split(' '));
    return new Map(rows.filter((row) => row.length === 2).map(([index, state]) => [Number(index), state!]));
  }

  /** Ends all processes of a task by SIGKILL, as a machine short of memory does. @returns how many there were */
  kill(array: string, index: number): number {
    const marks = [`SLURM_ARRAY_JOB_ID=${array}`, `SLURM_ARRAY_TASK_ID=${index}`];
    const isOfTask = (pid: string) => {
      try {
        const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return marks.every((mark) => variables.includes(mark));
      } catch {
        // It has ended since the folder was listed.
        return false;
      }
    };
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOfTask(name));
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
    return pids.length;
  }

  /** Waits until something holds. @throws Error after a minute and a half */
  async until(holds: () => boolean, what: string, seconds = 90): Promise<void> {
    const end = performance.now() + 1000 * seconds;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
      await sleep(100);
    }
  }

  /** Waits until no task of the arrays is waiting or running. */
  async ended(...arrays: string[]): Promise<void> {
    const isOver = (state: string) =>
      !/PENDING|RUNNING|COMPLETING|CONFIGURING|REQUEUED|SUSPENDED/.test(state);
    await this.until(
      () => arrays.every((array) => [...this.states(array).values()].every(isOver)),
      'the end of the arrays',
      600,
    );
  }

  /** Ends all that was started. */
  async stop(): Promise<void> {
    this.call('scancel', '--full', '-u', 'root');
    await sleep(300);
    for (const child of this.#daemons.reverse()) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(3000).then(() => child.kill('SIGKILL'))]);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
