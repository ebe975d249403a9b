// The sockets of the master, from wherever they come: passed, taken back from the store, or bound.

import { setTimeout as wait } from 'node:timers/promises';
import type { Notifier } from 'node-systemd-notify';
import { now } from 'node-systemd-notify/linux';
import { StartError } from '../errors.js';
import type { Log } from '../log/logger.js';
import type { RunOptions } from '../run-options.js';
import { findCommand, runsNode, searchPath } from '../workers/find-command.js';
import { bindGiven } from './bind.js';
import { createFdStore } from './fd-store.js';
import { describeSocket, type NewSocket } from './held-socket.js';
import { inherit } from './inherited-sockets.js';
import type { SocketRegistry } from './registry.js';
import { namesOf, releasePaths } from './socket-files.js';
import { startListening } from './start-listening.js';
import { planSockets, type SocketToBind } from './startup-plan.js';

/** Time in which the service manager must close a socket whose address is bound again. */
const STORE_CLOSE_TIMEOUT_MS = 2000;
const RETRY_MS = 20;

/** Fills the registry. Throws StartError; then nothing is held. */
export async function openSockets(
  options: RunOptions,
  notifier: Notifier,
  log: Log,
  registry: SocketRegistry,
): Promise<void> {
  const passed = inherit(options.env, process.pid, (remark) => log.warn(remark));
  const plan = planSockets(options.listen, passed);
  for (const socket of plan.unwanted) {
    log.info(`giving up ${describeSocket(socket)}, which an earlier start left in the store`);
    socket.close?.();
    if (socket.storedAs !== null) void notifier.removeFd(socket.storedAs);
  }
  const timeoutMs = plan.unwanted.length > 0 ? STORE_CLOSE_TIMEOUT_MS : 0;
  const sockets: NewSocket[] = [];
  try {
    for (const one of plan.sockets)
      sockets.push('spec' in one ? await bindWithin(timeoutMs, one) : one);
    await listenForOthers(options, sockets);
  } catch (error) {
    // Those that were bound here; a passed socket may serve the next start.
    for (const socket of sockets.filter((one) => one.origin === 'given' && one.storedAs === null)) {
      socket.close?.();
      releasePaths(socket, namesOf(socket));
    }
    throw error;
  }
  registry.hold(sockets, createFdStore(notifier, options.env, sockets, log));
  for (const socket of sockets) {
    const origin = socket.storedAs === null ? socket.origin : 'from the descriptor store';
    log.info(`holding ${describeSocket(socket)} (${origin})`);
  }
}

/** Tries again for `timeoutMs` while the address is in use. */
async function bindWithin(timeoutMs: number, { spec, name }: SocketToBind): Promise<NewSocket> {
  for (const end = now() + timeoutMs; ; await wait(RETRY_MS)) {
    try {
      return await bindGiven(spec, name);
    } catch (error) {
      const isInUse = error instanceof StartError && error.code === 'EADDRINUSE';
      if (!isInUse || now() >= end) throw error;
    }
  }
}

/**
 * Node listens by itself when it has loaded the app; anything else expects to be handed a listener. A unix
 * path on which nobody listens looks dead, and another master would take it over.
 */
async function listenForOthers(options: RunOptions, sockets: readonly NewSocket[]): Promise<void> {
  const found = findCommand(options.command, searchPath(options.env), options.cwd);
  const node = 'file' in found && runsNode(found.file);
  const given = sockets.filter((socket) => socket.origin === 'given');
  await startListening(given.filter((socket) => socket.path !== null || !node));
}
