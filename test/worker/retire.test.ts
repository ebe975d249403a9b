// Closers and the word of retirement, with a hook in place of the preload.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WORKER_HOOK, type WorkerHook, type WorkerMessage } from '../../src/ipc-protocol.js';
import type * as Library from '../../src/worker/retire.js';

type Closer = Parameters<WorkerHook['setCloser']>[0];

interface Rig extends Pick<typeof Library, 'onRetire' | 'retiring'> {
  readonly sent: WorkerMessage[];
  closer(): Closer | null;
  retire(): void;
}

const globals = globalThis as Record<symbol, unknown>;
let copies = 0;

/** A copy of the library of its own, and a hook that it finds; `supervised` false: none. */
async function load({ supervised = true } = {}): Promise<Rig> {
  const sent: WorkerMessage[] = [];
  let closer: Closer | null = null;
  const callbacks: (() => void)[] = [];
  const hook: WorkerHook = {
    send: (message) => void sent.push(message),
    onRetiring: (callback) => void callbacks.push(callback),
    setCloser: (given) => {
      closer = given;
    },
  };
  if (supervised) globals[Symbol.for(WORKER_HOOK)] = hook;
  else delete globals[Symbol.for(WORKER_HOOK)];
  copies += 1;
  const url = new URL(`../../src/worker/retire.js?copy=${copies}`, import.meta.url);
  const { onRetire, retiring } = (await import(url.href)) as typeof Library;
  return {
    onRetire,
    retiring,
    sent,
    closer: () => closer,
    retire: () => {
      for (const callback of callbacks) callback();
    },
  };
}

const texts = (sent: readonly WorkerMessage[]) =>
  sent.map((message) => (message.type === 'warning' ? message.text : message.type));

test('closers run one after the other, the last registered first', async () => {
  const { onRetire, closer, sent } = await load();
  assert.equal(closer(), null, 'nothing to close, nothing to wait for');
  const story: string[] = [];
  for (const name of ['database', 'cache', 'queue']) {
    onRetire(name, async () => {
      story.push(`${name} begins`);
      await new Promise(setImmediate);
      story.push(`${name} ends`);
    });
  }
  await closer()?.run();
  assert.deepEqual(story, [
    ...['queue begins', 'queue ends', 'cache begins', 'cache ends'],
    ...['database begins', 'database ends'],
  ]);
  assert.deepEqual(sent, []);
  await closer()?.run();
  assert.equal(story.length, 6, 'each runs once');
});

test('one that throws, rejects or takes too long is reported, and the next one runs', async () => {
  const { onRetire, closer, sent } = await load();
  const story: string[] = [];
  onRetire('last', () => story.push('last'));
  onRetire('slow', () => new Promise(() => {}), { timeout: 10 });
  onRetire('odd', () => Promise.reject('no error'));
  onRetire('rejects', () => Promise.reject(new Error('gone')));
  onRetire('throws', () => {
    throw new Error('no such thing');
  });
  await closer()?.run();
  assert.deepEqual(story, ['last']);
  assert.deepEqual(texts(sent), [
    'closing throws: no such thing',
    'closing rejects: gone',
    'closing odd: no error',
    'closing slow: not done after 10 ms',
  ]);
});

test('how long all may take, and taking a registration back', async () => {
  const { onRetire, closer } = await load();
  const story: string[] = [];
  const close = () => void story.push('closed');
  const back = onRetire('one', close);
  onRetire('two', close, { timeout: 300 });
  assert.equal(closer()?.limit(), 5300);
  back();
  back();
  assert.equal(closer()?.limit(), 300);
  await closer()?.run();
  assert.deepEqual([story, closer()?.limit()], [['closed'], 0]);
});

test('what is registered while the closers run, runs as well', async () => {
  const { onRetire, closer } = await load();
  const story: string[] = [];
  onRetire('first', () => {
    story.push('first');
    onRetire('late', () => void story.push('late'));
  });
  await closer()?.run();
  assert.deepEqual(story, ['first', 'late']);
});

test('the word of retirement comes as a promise and as a signal', async () => {
  const { retiring, retire } = await load();
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

test('without a supervisor nothing ever happens', async () => {
  const { onRetire, retiring, closer } = await load({ supervised: false });
  const back = onRetire('one', () => assert.fail('closed'));
  back();
  const first = await Promise.race([
    retiring,
    new Promise((resolve) => setImmediate(resolve, 'nothing')),
  ]);
  assert.deepEqual([first, closer(), retiring.signal.aborted], ['nothing', null, false]);
});
