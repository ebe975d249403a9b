// The sockets of the master, from wherever they come: passed, taken back from the store, or bound.

import type { Notifier } from 'node-systemd-notify';
import type { Log } from '../log/logger.js';
import type { RunOptions } from '../run-options.js';
import { findCommand, runsNode } from '../workers/find-command.js';
import { createFdStore } from './fd-store.js';
import { describeSocket, type HeldSocket } from './held-socket.js';
import { inherit } from './inherited-sockets.js';
import type { SocketRegistry } from './registry.js';
import { startListening } from './start-listening.js';
import { openPlan, planSockets } from './startup-plan.js';

/** Fills the registry. Throws StartError; then nothing is held. */
export async function openSockets(
  options: RunOptions,
  notifier: Notifier,
  log: Log,
  registry: SocketRegistry,
): Promise<void> {
  const inherited = inherit(options.env, process.pid, 1);
  for (const remark of inherited.remarks) log.warn(remark);
  const plan = planSockets(options.listen, inherited);
  for (const { socket, storedAs } of plan.unwanted) {
    log.info(`giving up ${describeSocket(socket)}, which an earlier start left in the store`);
    socket.close?.();
    void notifier.removeFd(storedAs);
  }
  const { held, storedAs } = await openPlan(plan);
  registry.hold(held, createFdStore(notifier, options.env, storedAs, log));
  try {
    await listenForOthers(options, held);
  } catch (error) {
    registry.close();
    throw error;
  }
  for (const socket of held) {
    const origin = storedAs.has(socket.id) ? 'from the descriptor store' : socket.origin;
    log.info(`holding ${describeSocket(socket)} (${origin})`);
  }
}

/**
 * Node listens by itself when it has loaded the app; anything else expects to be handed a listener. A unix
 * path on which nobody listens looks dead, and another master would take it over.
 */
async function listenForOthers(options: RunOptions, sockets: readonly HeldSocket[]): Promise<void> {
  const found = findCommand(options.command, options.env.PATH ?? '', options.cwd);
  const node = 'file' in found && runsNode(found.file);
  const given = sockets.filter((socket) => socket.origin === 'given');
  await startListening(given.filter((socket) => socket.path !== null || !node));
}
