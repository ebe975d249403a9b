// The V8 flags of the master: the command starts with them, and its workers do not get them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { V8_FLAGS } from '../../src/v8-flags.js';
import { bin, node } from '../helpers/paths.js';
import { cleanEnvironment, scratch } from '../helpers/supervisor.js';

test('the command line of the script has exactly the flags of the constant', () => {
  const [, line = ''] = readFileSync(bin, 'utf8').split('\n');
  assert.equal(line, `':' //; exec node ${V8_FLAGS.join(' ')} -- "$0" "$@"`);
});

test('the command runs through a symbolic link, and a worker has no flags', async (t) => {
  const directory = scratch(t);
  const command = join(directory, 'command');
  symlinkSync(bin, command);
  const script =
    'console.log(JSON.stringify(process.execArgv)); process.kill(process.ppid); setInterval(() => {}, 1000)';
  const PATH = [dirname(node), process.env.PATH].join(delimiter);
  const env = { ...cleanEnvironment(), PATH, PWD: directory, XDG_RUNTIME_DIR: directory };
  const args = ['--log-level', 'silent', '--', node, '-e', script];
  const { stdout } = await promisify(execFile)(command, args, { cwd: directory, env });
  assert.deepEqual(JSON.parse(stdout), ['-e', script]);
});
