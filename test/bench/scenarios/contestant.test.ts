import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Peer, Running } from '../peers/peer.js';
import { type Contestant, runningOf, troublesOf, withContestants } from './contestant.js';

/** Nobody listens there. */
const ENDPOINT = { host: '127.0.0.1', port: 1 };

/** What it does is written down in `log`. */
function peer(name: string, log: string[], more: Partial<Running> = {}, startMs = 0): Peer {
  const self: Peer = {
    ...{ name, about: '', mostWorkers: 1 },
    missing: () => null,
    version: () => '1',
    async start() {
      await new Promise((resolve) => setTimeout(resolve, startMs));
      log.push(`${name} starts`);
      return {
        ...{ peer: self, endpoint: ENDPOINT, firstAnswerMs: 1, reload: null, signal: null },
        processes: () => ({ supervisor: [], workers: [] }),
        stop: async () => log.push(`${name} stops`) > 0,
        ...more,
      };
    },
    installed: () => null,
  };
  return self;
}

const broken = (name: string): Peer => ({
  ...peer(name, []),
  start: () => Promise.reject(new Error('no such file')),
});

test('a peer that does not start is left out, is not tried again, and the others go on', async (t) => {
  const said = t.mock.method(console, 'error', () => {});
  const log: string[] = [];
  const peers = [peer('graceful-run', log), broken('pm2'), peer('cluster', log)];
  await withContestants(peers, {}, async (contestants) => {
    assert.deepEqual(
      runningOf(contestants).map((one) => one.peer.name),
      ['graceful-run', 'cluster'],
    );
    assert.equal(await contestants[1]?.up(), null);
    assert.equal(troublesOf(contestants), ' pm2: does not start.');
    assert.deepEqual(said.mock.calls[0]?.arguments, ['pm2 does not start: no such file']);
  });
  assert.deepEqual(log.slice(2), ['graceful-run stops', 'cluster stops']);
});

for (const name of ['graceful-run', 'bare node']) {
  test(`${name} that does not start is an error, and whoever starts late is stopped as well`, async () => {
    const log: string[] = [];
    const peers = [broken(name), peer('cluster', log, {}, 20)];
    const use = () => assert.fail('it does not start');
    await assert.rejects(withContestants(peers, {}, use), {
      message: `${name} does not start: no such file`,
    });
    assert.deepEqual(log, ['cluster starts', 'cluster stops']);
  });
}

test('a peer that does not answer any more is started anew, graceful-run is not', async (t) => {
  t.mock.method(console, 'error', () => {});
  const log: string[] = [];
  await withContestants([peer('cluster', log)], {}, async ([one]) => {
    assert.ok(await one?.up());
    assert.match(one?.troubles.join() ?? '', /^had to be started anew/);
  });
  assert.deepEqual(log, ['cluster starts', 'cluster stops', 'cluster starts', 'cluster stops']);
  const again = async ([one]: readonly Contestant[]) => void (await one?.up());
  await assert.rejects(
    withContestants([peer('graceful-run', log)], {}, again),
    /^Error: graceful-run had to be started anew, it did not answer any more$/,
  );
});

test('a signal that meets nobody is told to whoever awaits it, however late', async () => {
  const signal = () => {
    throw new Error('kill ESRCH');
  };
  await withContestants([peer('graceful-run', [], { signal })], {}, async ([one]) => {
    const asked = one?.reload();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await assert.rejects(async () => asked, {
      message: 'graceful-run could not be asked to reload: kill ESRCH',
    });
  });
});
