// The entry of a process that makes one request from inside the network of a machine: `ask.js <address>
// <path>`. Prints the body; and what starts it.
import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectTo } from '../helpers/client.js';
import type { Machine } from './machine.js';

const entry = fileURLToPath(import.meta.url);
/** What is not answered by then never will be. */
const LIMIT_MS = 60_000;

/** Resolves with the body of a 200; rejects with what the client said otherwise. */
export async function ask(machine: Machine, address: string, path = '/'): Promise<string> {
  const unix = address.startsWith('unix:');
  const there = unix ? `unix:${machine.path(address.slice('unix:'.length))}` : address;
  const command = ['--net', `--target=${machine.leader}`, '--', process.execPath, entry];
  const limit = { timeout: LIMIT_MS };
  const { stdout } = await promisify(execFile)('nsenter', [...command, there, path], limit);
  return stdout;
}

function main(address: string, path: string): void {
  const where = { ...connectTo(address), path, agent: false };
  const sending = request(where, (response) => {
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    response.pipe(process.stdout);
  });
  sending.end();
}

if (process.argv[1] === entry) main(process.argv[2] ?? '', process.argv[3] ?? '/');
