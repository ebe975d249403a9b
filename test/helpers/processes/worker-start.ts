// What workers are started with, for tests that start them without a master.
import type { SpawnRequest, WorkersOptions } from '../../../src/workers/worker-options.js';

export function workersOptions(more: Partial<WorkersOptions> = {}): WorkersOptions {
  return {
    command: 'sleep',
    args: ['60'],
    cwd: '/',
    env: { PATH: process.env.PATH },
    suggest: () => ({}),
    envFiles: [],
    stopSignal: 'SIGTERM',
    readyFd: false,
    watchdog: 0,
    outputPipes: false,
    inspect: false,
    sourceMaps: false,
    calledAs: 'graceful-run',
    ...more,
  };
}

export function spawnRequest(more: Partial<SpawnRequest> = {}): SpawnRequest {
  return {
    ...{ worker: 1, slot: 1, generation: 1, serving: null, sockets: [], notifySocket: null },
    program: { file: '/bin/sh', isNode: false },
    ...more,
  };
}
