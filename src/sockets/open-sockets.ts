// The sockets of the master, from wherever they come: passed, taken back from the store, or bound.

import type { Notifier } from 'node-systemd-notify';
import type { Log } from '../log/logger.js';
import type { RunOptions } from '../run-options.js';
import { findCommand, runsNode } from '../workers/find-command.js';
import { createShelter } from './fd-store.js';
import { describeSocket, type HeldSocket } from './held-socket.js';
import { inherit } from './inherited-sockets.js';
import { createSockets, type Sockets } from './registry.js';
import { startListening } from './start-listening.js';
import { openPlan, planSockets } from './startup-plan.js';

/** Throws StartError; then nothing is held. */
export async function holdSockets(
  options: RunOptions,
  notifier: Notifier,
  log: Log,
): Promise<Sockets> {
  const inherited = inherit(options.env, process.pid, 1);
  for (const remark of inherited.remarks) log.warn(remark);
  const plan = planSockets(options.listen, inherited);
  for (const { socket, storedAs } of plan.unwanted) {
    log.info(`giving up ${describeSocket(socket)}, which an earlier start left in the store`);
    socket.close?.();
    void notifier.removeFd(storedAs);
  }
  const { held, storedAs } = await openPlan(plan);
  const sockets = createSockets(held, createShelter(notifier, options.env, storedAs, log));
  try {
    await listenForOthers(options, held);
  } catch (error) {
    sockets.close();
    throw error;
  }
  for (const socket of held) {
    const origin = storedAs.has(socket.id) ? 'from the descriptor store' : socket.origin;
    log.info(`holding ${describeSocket(socket)} (${origin})`);
  }
  return sockets;
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
