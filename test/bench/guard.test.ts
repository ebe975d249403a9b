import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { guarded } from './guard.js';

const LONG_MS = 10_000;

test('without stray errors it is as if nobody guarded', async () => {
  const source = new EventEmitter();
  assert.equal(await guarded(async () => 3, source), 3);
  await assert.rejects(
    guarded(() => Promise.reject(new Error('oh')), source),
    /^Error: oh$/,
  );
  assert.deepEqual(source.eventNames(), []);
});

test('a stray error fails what runs, when that has ended', async () => {
  const source = new EventEmitter();
  let ended = false;
  const run = async () => {
    source.emit('unhandledRejection', new Error('first'));
    source.emit('uncaughtException', new Error('second'));
    await pause(10);
    ended = true;
  };
  await assert.rejects(guarded(run, source, LONG_MS), /^Error: first$/);
  assert.equal(ended, true);
});

test('what does not end after a stray error is given up', async () => {
  const source = new EventEmitter();
  const run = () => {
    source.emit('uncaughtException', new Error('stray'));
    return new Promise<never>(() => {});
  };
  await assert.rejects(guarded(run, source, 20), /^GaveUp: it did not end after Error: stray/);
  assert.deepEqual(source.eventNames(), []);
});
