// What `graceful-run` prints as help. Rejects if it exits with another status than 0.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bin, node } from '../paths.js';

export async function helpText(...command: string[]): Promise<string> {
  return standardOutput([...command, '--help']);
}

export async function standardOutput(words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(node, [bin, ...words]);
  return stderr + stdout;
}
