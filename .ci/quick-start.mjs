// In a folder with the installed package: starts the quick start, reloads it while asking, stops it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);
const command = 'node_modules/.bin/graceful-run';
const env = { ...process.env, PORT: '0', XDG_RUNTIME_DIR: process.cwd() };
const master = spawn(command, ['--', 'node', 'plain-http/app.js'], { env, stdio: 'inherit' });
const exited = once(master, 'exit');

async function status() {
  for (;;) {
    assert.equal(master.exitCode, null, 'the master is gone');
    const { stdout } = await run(command, ['status', '--json'], { env }).catch(() => ({
      stdout: '',
    }));
    if (stdout && JSON.parse(stdout).phase === 'serving') return JSON.parse(stdout);
  }
}

const ask = async (port) => (await fetch(`http://127.0.0.1:${port}`)).text();

const port = (await status()).sockets[0].address.replace(/^.*:/, '');
const before = await ask(port);
let answers = 0;
let reloading = true;
const reload = run(command, ['reload'], { env }).finally(() => {
  reloading = false;
});
for (; reloading; answers += 1) await ask(port);
await reload;
const after = await ask(port);
assert.notEqual(before, after, 'another process answers');
await run(command, ['stop'], { env });
assert.deepEqual(await exited, [0, null]);
console.log(`quick start: ${answers} answers during a reload, then another process`);
