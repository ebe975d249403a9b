// Many open connections, held by a process of their own: the loop of the bench stays free to measure.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer, Order } from './holder-process.js';

export interface Holder {
  /** Resolves when there are so many in all. */
  raise(count: number): Promise<void>;
  /** Resets all of them; resolves when the process is gone. */
  end(): Promise<void>;
}

const FILE = fileURLToPath(new URL('./holder-process.js', import.meta.url));
/** Of a process that does little else. */
const OWN_DESCRIPTORS = 200;

/** Each end of a connection needs a descriptor; Node raises the soft limit by itself. */
export function mostConnections(): number {
  const [, hard] =
    /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard) - OWN_DESCRIPTORS;
}

export function startHolder({ host, port }: { host: string; port: number }): Holder {
  const child = fork(FILE, { execArgv: [] });
  const gone = once(child, 'exit');
  let held = 0;
  return {
    async raise(count) {
      const order: Order = { open: count - held, host, port };
      child.send(order);
      const [answer] = (await Promise.race([
        once(child, 'message'),
        gone.then(() => [{ error: 'the process with the connections is gone' }]),
      ])) as [Answer];
      if ('error' in answer) throw new Error(answer.error);
      held = answer.held;
    },
    async end() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
