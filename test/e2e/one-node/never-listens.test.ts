// A worker that serves somewhere else than it should: the message names both places, and its cure works.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { takePort } from '../../helpers/sockets/ports.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

/** Long enough for the app to listen on a busy machine: only then can the message say where. */
const PATIENCE = ['--start-timeout', '4s'];
const APP = ['--', node, fixture('listens-at-last.mjs')];

/** What the message advises. */
async function refused(
  t: TestContext,
  cwd: string,
  listen: string,
  ADDRESSES: string,
): Promise<{ reason: string; cure: string }> {
  const args = [...PATIENCE, '--listen', listen, ...APP];
  const master = startSupervisor(t, args, { cwd, env: { ADDRESSES } });
  assert.deepEqual(await master.exited(), { status: 1, signal: null });
  const { reason = '' } = await master.logged('rolledBack');
  const [, cure = ''] = /name it: --listen '(.*)'$/.exec(reason) ?? [];
  return { reason, cure };
}

async function works(
  t: TestContext,
  cwd: string,
  cure: string,
  ADDRESSES: string,
): Promise<string> {
  const master = startSupervisor(t, ['--listen', cure, ...APP], { cwd, env: { ADDRESSES } });
  const { sockets } = await served(master);
  assert.equal(sockets.length, 1);
  assert.equal(await get(sockets[0]?.address ?? ''), '1');
  return sockets[0]?.address ?? '';
}

describe('an app that never listens on', { concurrency: 3 }, () => {
  test('the port that was given, but on another', async (t) => {
    const cwd = scratch(t);
    const given = `127.0.0.2:${await takePort(t)}`;
    const port = await takePort(t);
    const { reason, cure } = await refused(t, cwd, given, `127.0.0.2:${port}`);
    assert.equal(
      reason.replace(/^.* within 4s: /, ''),
      `it listens on 127.0.0.2:${port}, but never on ${given}; ` +
        `if that is the same service, name it: --listen '${given}?for=${port}'`,
    );
    assert.equal(await works(t, cwd, cure, `127.0.0.2:${port}`), given);
  });

  test('the path that was given, but on another', async (t) => {
    const cwd = scratch(t);
    const { reason, cure } = await refused(t, cwd, 'unix:front.sock', 'app.sock');
    assert.match(
      reason,
      /it listens on unix:\/.*\/app\.sock, but never on unix:\/.*\/front\.sock;/,
    );
    assert.equal(cure, `unix:${cwd}/front.sock?for=${cwd}/app.sock`);
    assert.equal(await works(t, cwd, cure, 'app.sock'), `unix:${cwd}/front.sock`);
  });

  test('the path that was given, but on a port', async (t) => {
    const cwd = scratch(t);
    const port = await takePort(t);
    const { cure } = await refused(t, cwd, 'unix:front.sock', `127.0.0.2:${port}`);
    assert.equal(cure, `unix:${cwd}/front.sock?for=${port}`);
    await works(t, cwd, cure, `127.0.0.2:${port}`);
  });

  test('one of two that were given', async (t) => {
    const args = [...PATIENCE, '-l', 'unix:app.sock', '-l', 'admin=unix:admin.sock', ...APP];
    const master = startSupervisor(t, args, { env: { ADDRESSES: 'app.sock' } });
    assert.deepEqual(await master.exited(), { status: 1, signal: null });
    const { reason } = await master.logged('rolledBack');
    assert.match(reason ?? '', /it never listened on unix:\/.*\/admin\.sock$/);
  });
});
