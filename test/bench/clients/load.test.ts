// The load process against servers that stall, close and go away.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { freePort } from '../../helpers/sockets/free-port.js';
import { now } from './clock.js';
import { latencyOf, tookOf } from './latency.js';
import { LoadProcess } from './load.js';
import type { LoadSpec, Shape } from './load-spec.js';
import { lossesOf } from './losses.js';
import type { Records } from './records.js';

const answer: RequestListener = ({ url = '' }, response) => {
  response.writeHead(200, { 'x-generation': 3, 'x-pid': 12, 'content-length': url.length });
  response.end(url);
};

async function serve(t: TestContext, listener = answer) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return { server, endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

function loads(t: TestContext): LoadProcess {
  const process = new LoadProcess();
  t.after(() => process.end());
  return process;
}

const RATE = 200;
const atRate = (endpoint: LoadSpec['endpoint'], shape: Shape, forMs: number): LoadSpec => ({
  ...{ endpoint, shape, pace: { rate: RATE }, forMs },
});

/** Every intended time, one interval from the other, whatever the order of the answers. */
function assertEven(records: Records): void {
  const due = records.due.toSorted();
  for (let i = 1; i < due.length; i += 1) {
    const interval = (due[i] as number) - (due[i - 1] as number);
    assert.ok(Math.abs(interval - 1000 / RATE) < 0.01, `${interval} ms`);
  }
}

/** The most requests that were under way at one time: a machine that answers slowly has more of them. */
function mostUnderWay({ due, late, took }: Records): number {
  const changes = [...due.keys()].flatMap((i) => [
    { at: (due[i] as number) + (late[i] as number), by: 1 },
    { at: (due[i] as number) + (took[i] as number), by: -1 },
  ]);
  let now = 0;
  let most = 0;
  for (const { by } of changes.sort((one, other) => one.at - other.at || other.by - one.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

test('a constant rate is kept in every shape, and each request recorded', async (t) => {
  const { endpoint } = await serve(t);
  const process = loads(t);
  for (const [shape, newConnections] of [
    ['keep-alive', 0],
    ['mix', 0.5],
    ['a connection each', 1],
  ] as const) {
    const began = now();
    const records = await process.run(atRate(endpoint, shape, 500)).ended;
    assertEven(records);
    const { due, generation, pid, connections } = records;
    assert.ok(due.length >= 20, `${due.length} requests`);
    assert.ok(due.every((at) => at >= began && at <= now()));
    assert.ok(generation.every((one) => one === 3) && pid.every((one) => one === 12));
    assert.equal(lossesOf(records).failed, 0);
    // A kept connection is opened only when all others are busy; one more for the rounding of the times.
    const kept = connections - Math.floor(due.length * newConnections);
    const most = newConnections === 1 ? 0 : mostUnderWay(records) + 1;
    assert.ok(kept >= 0 && kept <= most, `${shape}: ${kept} kept, ${most} under way`);
  }
});

test('while the server stalls the requests go on, and their time runs from when they were due', async (t) => {
  let stalledUntil = 0;
  let asked = 0;
  const { endpoint } = await serve(t, (request, response) => {
    asked += 1;
    if (asked === 20) stalledUntil = performance.now() + 400;
    const left = stalledUntil - performance.now();
    if (left <= 0) answer(request, response);
    else setTimeout(answer, left, request, response);
  });
  const records = await loads(t).run(atRate(endpoint, 'mix', 800)).ended;
  assertEven(records);
  const all = [...records.due.keys()];
  const slow = all.filter((i) => (records.took[i] as number) > 100);
  // Half of the time; a client that waits would have recorded one slow request for each connection.
  assert.ok(slow.length > 0.25 * all.length, `${slow.length} of ${all.length}`);
  const { p99, most } = latencyOf(tookOf(records, all));
  assert.ok(p99 > 300 && p99 <= most && most < 2000, `${p99} ${most}`);
});

test('nobody listens: each is refused, none is sent twice', async (t) => {
  const endpoint = { host: '127.0.0.1', port: freePort(t) };
  const records = await loads(t).run(atRate(endpoint, 'mix', 200)).ended;
  const { requests, failed, failures } = lossesOf(records);
  assert.ok(requests > 20);
  assert.deepEqual([failed, failures.refused], [requests, requests]);
  assert.equal(records.connections, requests);
});

test('a kept connection that the server closes is replaced, and told apart by a word before', async (t) => {
  let served = 0;
  const { endpoint } = await serve(t, (request, response) => {
    served += 1;
    if (served % 10 === 0) response.setHeader('connection', 'close');
    else if (served % 10 === 5) setTimeout(() => request.socket.end(), 1);
    answer(request, response);
  });
  // So slow that a connection is idle when it is closed.
  const records = await loads(t).run({
    ...{ endpoint, shape: 'keep-alive', pace: { rate: 100 }, forMs: 600 },
  }).ended;
  // On a busy machine a request may have been under way just then: then it is lost, and nothing else is.
  const { failed, failures } = lossesOf(records);
  assert.equal(failed, failures['reset on a reused connection']);
  const { announced, unannounced } = records.closed;
  assert.ok(announced.length >= 3 && unannounced.length >= 3, JSON.stringify(records.closed));
});

test('a saturating load asks again as soon as it is answered, and tells first answers', async (t) => {
  let asked = 0;
  const { endpoint, server } = await serve(t, (request, response) => {
    asked += 1;
    answer(request, response);
  });
  const load = loads(t).run({ endpoint, shape: 'mix', pace: { clients: 4 } });
  const first = await load.seen(({ generation }) => generation === 3, 5000);
  assert.ok(first && first.pid === 12 && Math.abs(now() - first.at) < 1000);
  assert.equal(await load.seen(({ generation }) => generation === 4, 20), null);
  await eventually('many requests', () => asked > 60);
  server.closeAllConnections();
  const records = await load.stop();
  assert.ok(records.due.length > 50, `${records.due.length}`);
  assert.ok(lossesOf(records).failed <= 4);
});

test('a load process that is killed fails the load, and all that come after, but not the bench', async (t) => {
  const { endpoint } = await serve(t);
  const loads = new LoadProcess();
  const load = loads.run({ endpoint, shape: 'mix', pace: { clients: 2 } });
  await load.seen(() => true, 5000);
  process.kill(loads.pid as number, 'SIGKILL');
  const died = /the load process has died/;
  await assert.rejects(
    load.seen(() => false, 10_000),
    died,
  );
  await assert.rejects(load.stop(), died);
  await assert.rejects(loads.run(atRate(endpoint, 'mix', 100)).ended, died);
  await loads.end();
});

test('a client without descriptors fails the load, and no request is charged to the server', async (t) => {
  const { endpoint } = await serve(t);
  const process = loads(t);
  // More than it has by itself, and less than its clients want.
  await process.run({ endpoint, shape: 'keep-alive', pace: { clients: 1 }, forMs: 50 }).ended;
  execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=50:50']);
  const { ended } = process.run({ endpoint, shape: 'keep-alive', pace: { clients: 100 } });
  await assert.rejects(ended, /the load process has failed: the client cannot connect: EMFILE/);
});
