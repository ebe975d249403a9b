// What is refused before anything runs: commands that cannot be understood (status 2) and sockets that cannot be had
// (status 1). One line each, which says what to do; all those lines are the matter of test/cli and test/sockets.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Finished } from '../helpers/processes/finished.js';
import { takePort } from '../helpers/sockets/ports.js';
import { cleanEnvironment, runCommand, scratch } from '../helpers/supervisor.js';

/** Runs it in a directory of its own; `touch started` is the app, so a file tells whether it ran. */
async function attempt(t: TestContext, options: readonly string[]): Promise<Finished> {
  const cwd = scratch(t);
  const env = { ...cleanEnvironment(), XDG_RUNTIME_DIR: scratch(t), PWD: cwd };
  const finished = await runCommand([...options, '--', 'touch', 'started'], { cwd, env });
  assert.ok(!existsSync(join(cwd, 'started')), 'the app was started');
  return finished;
}

function saysOneLine({ status, stdout, stderr }: Finished, wanted: number, line: RegExp): void {
  assert.equal(stdout, '');
  assert.match(stderr, /^graceful-run: [^\n]+\n$/);
  assert.match(stderr.trimEnd(), line);
  assert.equal(status, wanted);
}

test('a command line that cannot be understood', async (t) => {
  const rows: [options: string, line: RegExp][] = [
    ['dev --listn :80', /unknown option '--listn' .* \(graceful-run dev --help\)$/],
    ['--start-timeout 5x', /--start-timeout: '5x' is not a time; write 500ms, 30s, 5m or 1h/],
  ];
  for (const [options, line] of rows) saysOneLine(await attempt(t, options.split(' ')), 2, line);
});

test('a config file that never settles', async (t) => {
  const cwd = scratch(t);
  writeFileSync(join(cwd, 'graceful-run.config.mjs'), 'export default new Promise(() => {});');
  const finished = await runCommand(['--', 'true'], { cwd, env: cleanEnvironment() });
  saysOneLine(finished, 1, /: a promise in the config file never settles$/);
});

test('no command', async (t) => {
  const cwd = scratch(t);
  const line = /which command should run\? \(graceful-run (unit )?-- node app\.js\)$/;
  for (const args of [[], ['-w', '2', '--'], ['unit']]) {
    saysOneLine(await runCommand(args, { cwd, env: cleanEnvironment() }), 2, line);
  }
});

test('a port that is taken leaves no file of a path that was bound before it', async (t) => {
  const port = await takePort(t);
  const directory = scratch(t);
  const listen = ['--listen', `unix:${directory}/app.sock`, '--listen', `127.0.0.1:${port}`];
  saysOneLine(
    await attempt(t, listen),
    1,
    new RegExp(
      `cannot listen on 127\\.0\\.0\\.1:${port}: EADDRINUSE: .* shows which process has it\\)$`,
    ),
  );
  assert.deepEqual(readdirSync(directory), []);
});
