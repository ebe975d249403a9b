// A socket that hears what a service tells its service manager, where there is no systemd.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createNotifyServer } from 'node-systemd-notify';

export interface FakeManager {
  /** For NOTIFY_SOCKET. */
  readonly path: string;
  /** Datagrams so far, each as it was but for what differs from run to run. */
  heard(): readonly string[];
  /** Whole, by their fields. */
  datagrams(): readonly ReadonlyMap<string, string>[];
}

export async function fakeManager(t: TestContext): Promise<FakeManager> {
  const server = createNotifyServer({ directory: mkdtempSync(join(tmpdir(), 'gr-')) });
  t.after(() => server.close());
  const datagrams: ReadonlyMap<string, string>[] = [];
  const { path } = await server.open((fields) => datagrams.push(fields));
  return {
    path,
    datagrams: () => datagrams,
    heard: () =>
      datagrams.map((fields) => [...fields].map(([key, value]) => line(key, value)).join(' ')),
  };
}

function line(key: string, value: string): string {
  if (key === 'MONOTONIC_USEC') return key;
  return `${key}=${value.replace(/ \(pid \d+\)/g, '')}`;
}
