// --record: what happened can be played again.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseRecording, transcriptOf, violationIn } from '../core/recording.js';
import { fixture, node } from '../helpers/paths.js';
import { scratch, startSupervisor } from '../helpers/supervisor.js';
import { served } from '../helpers/wait-generation.js';

const APP = ['--', node, fixture('echoes.mjs')];

test('a recording and a debug log tell the same story, with the decisions that were made', async (t) => {
  const cwd = scratch(t);
  const args = ['--record', 'events.jsonl', '--log-level', 'debug', ...APP];
  const master = startSupervisor(t, args, { cwd });
  await served(master);
  await master.client('reload');
  assert.equal((await master.client('stop')).status, 0);
  await master.exited();

  const file = join(cwd, 'events.jsonl');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const recording = parseRecording(readFileSync(file, 'utf8'));
  const log = master.log().map((line) => JSON.stringify(line));
  assert.deepEqual(parseRecording(log.join('\n')), recording);
  assert.equal(violationIn(recording), null);
  const story = transcriptOf(recording).join('\n');
  const steps = [
    'spawn #1 g1',
    'rolledOut g1',
    'reload r1',
    'rolledOut g2',
    'retire #1',
    'exit status=0',
  ];
  for (const step of steps) assert.ok(story.includes(step), `${step} in:\n${story}`);
});

test('a file that cannot be written is a failed start', async (t) => {
  const master = startSupervisor(t, ['--record', '/nowhere/events.jsonl', ...APP]);
  assert.equal((await master.exited()).status, 1);
  assert.match(master.output(), /--record \/nowhere\/events\.jsonl: cannot be written: ENOENT/);
});
