// Reports that a worker serves, in each way that there is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** Runs the library in a process of its own, with a pipe at descriptor 4. */
function run(env: NodeJS.ProcessEnv, code: string) {
  const library = new URL('../../src/worker/ready.js', import.meta.url).href;
  const text = `import { ready } from ${JSON.stringify(library)}; ${code}`;
  const { status, output } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const [, told, errors, , pipe] = output;
  return { status, told, errors, pipe };
}

const quiet = { status: 0, told: '', errors: '', pipe: '' };

test('ready() writes one newline to READY_FD and closes it', () => {
  const code = `
    import { fstatSync } from 'node:fs';
    ready();
    ready();
    try { fstatSync(4); } catch (error) { console.log(error.code, process.env.READY_FD); }`;
  assert.deepEqual(run({ READY_FD: '4' }, code), {
    ...quiet,
    told: 'EBADF undefined\n',
    pipe: '\n',
  });
});

test('ready() sends a message to the master through the preload', () => {
  const code = `
    globalThis[Symbol.for('graceful-run.worker')] = { send: (message) => console.log(message.type) };
    ready();`;
  assert.deepEqual(run({}, code), { ...quiet, told: 'ready\n' });
});

test('ready() does nothing without a supervisor, or after its death', () => {
  const code = `
    for (const fd of [undefined, '99', 'x', '-1']) {
      if (fd) process.env.READY_FD = fd;
      ready();
    }`;
  assert.deepEqual(run({}, code), quiet);
});
