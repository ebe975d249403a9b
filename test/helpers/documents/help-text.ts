// What `graceful-run [command] --help` prints.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bin, node } from '../paths.js';

export async function helpText(...command: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(node, [bin, ...command, '--help']);
  return stdout;
}
