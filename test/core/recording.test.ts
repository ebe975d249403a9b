// Recordings: an incident pastes into a test, is replayed, and is shrunk to what matters.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../helpers/paths.js';
import { parseLine } from '../helpers/transcript.js';
import { parseRecording, shrink, transcriptOf, violationIn } from './recording.js';
import type { Recording } from './steps.js';
import { World } from './world.js';

function lifeOf(seed: number): Recording {
  const world = new World(seed);
  while (world.steps < 200 && world.state.fleet.lifecycle.state !== 'stopped') world.live();
  return world.recording;
}

test('every event of a random life can be read back from its transcript', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const recording = lifeOf(seed);
    const read = transcriptOf(recording).slice(1).map(parseLine);
    assert.deepEqual(read, recording.events, `seed ${seed}`);
  }
});

test('a recording is read from its file, and from a debug log among other lines', () => {
  const recording = lifeOf(7);
  const { events, ...header } = recording;
  const file = [header, ...events].map((line) => JSON.stringify(line)).join('\n');
  assert.deepEqual(parseRecording(`${file}\n`), recording);
  const log = [header, ...events].map((record) => JSON.stringify({ level: 20, record, msg: 'x' }));
  const noise = ['starting', JSON.stringify({ level: 30, msg: 'other' })];
  assert.deepEqual(parseRecording([...noise, ...log].join('\n')), recording);
  assert.throws(() => parseRecording('{"level":30}\n'), /not a recording/);
});

test('a recording that breaks an invariant is shrunk to the events that matter', () => {
  const recording = lifeOf(3);
  // A worker that is never spawned cannot become ready by a policy of the past.
  const broken = { ...recording, policy: { ...recording.policy, startTimeout: -1 } };
  assert.notEqual(violationIn(broken), null);
  const { events } = shrink(broken);
  assert.equal(events.length, 1);
});

const found = join(root, 'test/core/found');
for (const file of readdirSync(found)) {
  test(`the found case ${file} breaks no invariant any more`, () => {
    assert.equal(violationIn(parseRecording(readFileSync(join(found, file), 'utf8'))), null);
  });
}
