// Waits for generations by the log of the master, which costs nothing, and asks for the status only once.
import type { StatusReport } from '../../src/status/report-types.js';
import type { Supervisor } from './supervisor.js';

/** Resolves with the status when `generation` has rolled out; its predecessor may still be draining. */
export async function served(master: Supervisor, generation = 1): Promise<StatusReport> {
  await master.logged((line) => line.event === 'rolledOut' && line.generation === generation);
  return master.status();
}

/** Resolves when the worker with this pid was reported gone. */
export async function gone(master: Supervisor, pid: number): Promise<void> {
  await master.logged(
    (line) => line.workerPid === pid && /^(exited|workerCrashed)$/.test(line.event ?? ''),
  );
}

/** The pid of the first worker of this generation that was started. */
export async function pidOf(master: Supervisor, generation: number): Promise<number> {
  const { workerPid } = await master.logged(
    (line) => line.event === 'spawned' && line.generation === generation,
  );
  return workerPid ?? 0;
}

/** Reloads until generation `last` serves; calls `check` when each of them does, the present first one included. */
export async function throughGenerations(
  master: Supervisor,
  last: number,
  check: (generation: number, status: StatusReport) => Promise<void>,
): Promise<void> {
  for (let generation = 1; generation <= last; generation += 1) {
    if (generation > 1) master.signal('SIGHUP');
    await check(generation, await served(master, generation));
  }
}
