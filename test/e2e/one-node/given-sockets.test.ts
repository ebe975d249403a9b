// What --listen can name: several sockets by their names, both families or one of them, descriptors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { answers } from '../../helpers/polling-client.js';
import { freePort } from '../../helpers/sockets/free-port.js';
import { startSupervisor } from '../../helpers/supervisor.js';
import { served, throughGenerations } from '../../helpers/wait-generation.js';

const app = ['--', node, fixture('listens-on.mjs')];

for (const byNumber of [false, true]) {
  test(`two named sockets go to the servers that ask for them by ${byNumber ? 'descriptor' : 'port'}, in any order`, async (t) => {
    const [web, admin] = [freePort(t), freePort(t)];
    const asked = byNumber ? [{ fd: 4 }, { fd: 3 }] : [{ port: admin }, { port: web }];
    const args = ['--listen', `web=127.0.0.1:${web}`, '--listen', `admin=127.0.0.1:${admin}`];
    const env = { LISTEN_ON: JSON.stringify(asked) };
    const master = startSupervisor(t, [...args, ...app], { env });
    await throughGenerations(master, 2, async (generation, { sockets }) => {
      assert.deepEqual(
        sockets.map(({ name, address }) => `${name}=${address}`),
        [`web=127.0.0.1:${web}`, `admin=127.0.0.1:${admin}`],
      );
      await answers(`127.0.0.1:${admin}`, new RegExp(`^0 \\d+ ${generation}$`));
      await answers(`127.0.0.1:${web}`, new RegExp(`^1 \\d+ ${generation}$`));
    });
  });
}

test('an app that knows the socket by another port', async (t) => {
  const known = freePort(t);
  const env = { LISTEN_ON: JSON.stringify([{ port: known }]) };
  const master = startSupervisor(t, ['--listen', `127.0.0.1:0?for=${known}`, ...app], { env });
  const address = addressOf(await served(master));
  await answers(address, /^0 \d+ 1$/);
  await assert.rejects(get(`127.0.0.1:${known}`), { code: 'ECONNREFUSED' });
});

for (const [spec, v4, v6] of [
  [':0', true, true],
  ['[::]:0', true, true],
  ['[::]:0?v6only', false, true],
  ['[::1]:0', false, true],
  ['0.0.0.0:0', true, false],
  ['127.0.0.1:0', true, false],
] as const) {
  test(`--listen ${spec} answers ${v4 ? '' : 'not '}by IPv4, ${v6 ? '' : 'not '}by IPv6`, async (t) => {
    const env = { LISTEN_ON: JSON.stringify([{ fd: 3 }]) };
    const master = startSupervisor(t, ['--listen', spec, ...app], { env });
    const port = /\d+$/.exec(addressOf(await served(master)))?.[0];
    for (const [host, reachable] of [
      ['127.0.0.1', v4],
      ['[::1]', v6],
    ] as const) {
      if (reachable) await answers(`${host}:${port}`, /^0 \d+ 1$/);
      else await assert.rejects(get(`${host}:${port}`), { code: 'ECONNREFUSED' });
    }
  });
}
