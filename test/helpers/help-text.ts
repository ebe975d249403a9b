// What `graceful-run --help` prints.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bin, node } from './paths.js';

export async function helpText(): Promise<string> {
  const { stdout } = await promisify(execFile)(node, [bin, '--help']);
  return stdout;
}
