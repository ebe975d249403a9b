// What workers send to their NOTIFY_SOCKET, as events for the core, and what `status` shows of it.

import type { MasterEvent } from '../core/events.js';
import type { ReadinessProbe } from '../readiness/probe.js';
import type { NotifyMessage } from '../systemd/worker-notify-sockets.js';

export type NotifyMessages = ReturnType<typeof createNotifyMessages>;

export function createNotifyMessages(
  probes: ReadonlyMap<number, ReadinessProbe>,
  dispatch: (event: MasterEvent) => void,
) {
  /** STATUS= of the workers that sent one, by their ids. */
  const statusTexts = new Map<number, string>();
  /** The workers that send WATCHDOG=1 themselves. */
  const pinging = new Set<number>();
  return {
    statusTexts,
    onMessage(worker: number, message: NotifyMessage): void {
      switch (message.type) {
        case 'ready':
          return probes.get(worker)?.onNotifyReady?.();
        case 'status':
          return void statusTexts.set(worker, message.text);
        case 'extendTimeout':
          return dispatch({ type: 'startTimeExtended', worker, ms: message.ms });
        case 'watchdog':
          pinging.add(worker);
          return dispatch({ type: 'watchdogPing', worker });
        case 'stopping':
          return dispatch({ type: 'wantsReplacement', worker, reason: 'stopping' });
        case 'watchdogTrigger':
          return dispatch({ type: 'wantsReplacement', worker, reason: 'watchdog' });
      }
    },
    /** The preload reports that the event loop of the worker turns. */
    onLoopAlive(worker: number): void {
      // It says less than an app that sends WATCHDOG=1 itself.
      if (!pinging.has(worker)) dispatch({ type: 'watchdogPing', worker });
    },
    forget(worker: number): void {
      statusTexts.delete(worker);
      pinging.delete(worker);
    },
  };
}
