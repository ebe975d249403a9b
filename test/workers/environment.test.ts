// The variables that a worker gets, and those that it must not get.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CONFIG_VARIABLE } from '../../src/ipc-protocol.js';
import { requireOption, workerEnvironment } from '../../src/workers/environment.js';
import type {
  PassedSocket,
  SpawnRequest,
  WorkersOptions,
} from '../../src/workers/worker-options.js';
import { root } from '../helpers/paths.js';
import { spawnRequest, workersOptions } from '../helpers/processes/worker-start.js';
import { scratch } from '../helpers/supervisor.js';

function environment(
  base: NodeJS.ProcessEnv,
  options: Partial<WorkersOptions> = {},
  request: Partial<SpawnRequest> = {},
): NodeJS.ProcessEnv {
  return workerEnvironment(
    base,
    workersOptions({ cwd: '/srv/current', stopSignal: 'SIGUSR2', ...options }),
    spawnRequest({ generation: 4, slot: 2, ...request }),
    'm',
  );
}

function socket(id: number, name: string, where: Partial<PassedSocket['shared']>): PassedSocket {
  const nowhere = { host: null, port: null, path: null, sparePath: null };
  const app = { backlog: null, appAddress: null, openedAs: null };
  return { name, fd: 20 + id, shared: { id, fd: id + 2, ...nowhere, ...app, ...where } };
}

test('without sockets a worker gets its identity and the preload', () => {
  const nodeOptions = requireOption(join(root, 'dist/src/preload.cjs'));
  const wire = {
    masterPid: process.pid,
    nodeOptions,
    sockets: [],
    watchdogMs: 0,
    ignoredSignals: ['SIGHUP'],
    inspect: false,
    sourceMaps: false,
  };
  assert.deepEqual(environment({ HOME: '/root', PWD: '/old' }), {
    HOME: '/root',
    PWD: '/srv/current',
    NODE_OPTIONS: nodeOptions,
    [CONFIG_VARIABLE]: JSON.stringify(wire),
    GRACEFUL_RUN_MARK: 'm',
    GRACEFUL_RUN_GENERATION: '4',
    GRACEFUL_RUN_WORKER: '2',
    SERVER_STARTER_GENERATION: '4',
  });
});

test('a worker gets its own NOTIFY_SOCKET, and its watchdog in microseconds without WATCHDOG_PID', () => {
  const base = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_PID: '71', WATCHDOG_USEC: '1' };
  const env = environment(base, { watchdog: 1500 }, { notifySocket: '/run/n/1' });
  assert.equal(env.NOTIFY_SOCKET, '/run/n/1');
  assert.equal(env.WATCHDOG_USEC, '1500000');
  assert.equal(env.WATCHDOG_PID, undefined);
  assert.equal(JSON.parse(env[CONFIG_VARIABLE] ?? '').watchdogMs, 1500);
});

test('sockets are announced as systemd, Server::Starter and einhorn do', () => {
  const sockets = [
    socket(1, 'web', { host: '::', port: 80 }),
    socket(2, 'v4', { host: '0.0.0.0', port: 81 }),
    socket(3, 'local', { host: '127.0.0.1', port: 82 }),
    socket(4, 'six', { host: '::1', port: 83 }),
    socket(5, 'app', { path: '/run/app.sock', sparePath: '/run/.app' }),
  ];
  const env = environment({}, { readyFd: true }, { sockets });
  const { PWD, NODE_OPTIONS, GRACEFUL_RUN_GENERATION, GRACEFUL_RUN_WORKER, ...rest } = env;
  const { [CONFIG_VARIABLE]: wire, ...announced } = rest;
  assert.deepEqual(announced, {
    GRACEFUL_RUN_MARK: 'm',
    LISTEN_FDS: '5',
    LISTEN_FDNAMES: 'web:v4:local:six:app',
    SERVER_STARTER_GENERATION: '4',
    SERVER_STARTER_PORT: '80=3;81=4;127.0.0.1:82=5;[::1]:83=6;/run/app.sock=7',
    EINHORN_FD_COUNT: '5',
    EINHORN_FD_0: '3',
    EINHORN_FD_1: '4',
    EINHORN_FD_2: '5',
    EINHORN_FD_3: '6',
    EINHORN_FD_4: '7',
    READY_FD: '8',
  });
  const wired = sockets.map(({ shared }) => shared);
  assert.deepEqual(JSON.parse(wire ?? '').sockets, wired);
});

test('Node loads a preload with special characters in its path before the modules that the user requires', (t) => {
  const directory = join(scratch(t), 'a b"c\\d');
  mkdirSync(directory);
  const prints = (name: string) => {
    const file = join(directory, name);
    writeFileSync(file, `process.stdout.write(${JSON.stringify(name)} + ' ');`);
    return file;
  };
  const NODE_OPTIONS = ['preload.cjs', 'user.cjs'].map(prints).map(requireOption).join(' ');
  const env = { PATH: process.env.PATH, NODE_OPTIONS };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', '0'], { env, encoding: 'utf8' });
  assert.equal(stdout + stderr, 'preload.cjs user.cjs ');
});
