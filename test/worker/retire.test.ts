// How the library passes closers and the retirement on, with a hook in place of the preload.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Closer, WORKER_HOOK, type WorkerHook } from '../../src/ipc-protocol.js';
import type * as Library from '../../src/worker/retire.js';

const globals = globalThis as Record<symbol, unknown>;

/** A copy of the library of its own, which finds `hook`. */
async function load(hook?: Partial<WorkerHook>): Promise<typeof Library> {
  globals[Symbol.for(WORKER_HOOK)] = hook;
  const url = new URL(`../../src/worker/retire.js?copy=${Math.random()}`, import.meta.url);
  return import(url.href);
}

test('onRetire passes the closer to the preload, with 5 s or the timeout of the app', async () => {
  const added: Closer[] = [];
  let removed = 0;
  const { onRetire } = await load({
    onRetiring() {},
    addCloser(closer) {
      added.push(closer);
      return () => {
        removed += 1;
      };
    },
  });
  const close = () => {};
  onRetire('one', close)();
  onRetire('two', close, { timeout: 300 });
  assert.deepEqual(added, [
    { name: 'one', close, timeoutMs: 5000 },
    { name: 'two', close, timeoutMs: 300 },
  ]);
  assert.equal(removed, 1);
});

test('the retirement is a promise that resolves and a signal that aborts', async () => {
  let retire = () => {};
  const { retiring } = await load({
    onRetiring(callback) {
      retire = callback;
    },
  });
  const seen: string[] = [];
  retiring.signal.addEventListener('abort', () => seen.push('aborted'));
  void retiring.then(() => seen.push('resolved'));
  await new Promise(setImmediate);
  assert.deepEqual([seen, retiring.signal.aborted], [[], false]);
  retire();
  assert.deepEqual(seen, ['aborted']);
  await retiring;
  assert.deepEqual(seen, ['aborted', 'resolved']);
});

test('without a supervisor nothing is closed, and the retirement never comes', async () => {
  const { onRetire, retiring } = await load();
  onRetire('one', () => assert.fail('closed'))();
  const nothing = new Promise((resolve) => setImmediate(resolve, 'nothing'));
  assert.equal(await Promise.race([retiring, nothing]), 'nothing');
  assert.equal(retiring.signal.aborted, false);
});
