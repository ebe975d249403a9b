// A worker that serves somewhere else than it should: the message names both places, and its cure works.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { startServing } from '../../helpers/serving.js';
import { takePort } from '../../helpers/sockets/ports.js';
import { type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';

const APP = 'listens-at-last.mjs';
/** Long enough for the app to listen on a busy machine: only then can the message say where. */
const SHORT_START = ['--start-timeout', '8s'];

/** Why the first generation failed, from its start timeout on. */
async function refusal(master: Supervisor): Promise<string> {
  assert.deepEqual(await master.exited(), { status: 1, signal: null });
  const { reason = '' } = await master.logged('rolledBack');
  return reason.replace(/^.* within 8s: /, '');
}

/** GIVEN and OWN stand for free addresses, PORT for the port of OWN, DIR for the working directory. */
const rows: readonly (readonly [what: string, given: string, own: string, cure: string])[] = [
  ['the port that was given, but on another', 'GIVEN', 'OWN', 'GIVEN?for=PORT'],
  [
    ...(['the path that was given, but on a port', 'unix:DIR/front.sock', 'OWN'] as const),
    'unix:DIR/front.sock?for=PORT',
  ],
];

describe('an app that never listens on', { concurrency: 3 }, () => {
  for (const [what, ...texts] of rows) {
    test(what, async (t) => {
      const cwd = scratch(t);
      const [taken, port] = [await takePort(t), await takePort(t)];
      const [given = '', own = '', cure = ''] = texts.map((text) =>
        text
          .replace('GIVEN', `127.0.0.2:${taken}`)
          .replace('OWN', `127.0.0.2:${port}`)
          .replace('PORT', String(port))
          .replaceAll('DIR', cwd),
      );
      const env = { ADDRESSES: own.replace('unix:', '') };
      const args = [...SHORT_START, '--listen', given, '--', node, fixture(APP)];
      assert.equal(
        await refusal(startSupervisor(t, args, { cwd, env })),
        `it listens on ${own}, but never on ${given}; ` +
          `if that is the same service, name it: --listen '${cure}'`,
      );
      const { status, address } = await startServing(t, APP, ['--listen', cure], { cwd, env });
      assert.deepEqual([status.sockets.length, address], [1, given]);
      assert.equal(await get(address), '1');
    });
  }
});
