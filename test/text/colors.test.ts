// Who gets colours, by a table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourVariables, wantsColours } from '../../src/text/colors.js';

test('what is ours is coloured, and what a worker is told', () => {
  const rows: [env: NodeJS.ProcessEnv, terminal: boolean, ours: boolean, worker?: string][] = [
    [{}, false, false],
    [{ COLORTERM: 'truecolor' }, false, false],
    [{}, true, true, '1'],
    [{ TERM: 'xterm' }, true, true, '1'],
    [{ TERM: 'xterm-256color' }, true, true, '2'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, true, true, '3'],
    [{ COLORTERM: '24bit' }, true, true, '3'],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NODE_DISABLE_COLORS: '1' }, true, false],
    // What is empty switches nothing off, but a Node that is told two things warns of it.
    [{ NO_COLOR: '' }, true, true],
    [{ NODE_DISABLE_COLORS: '' }, true, true],
    // What the user says is what the workers have anyway.
    ...['', '1', 'true', '2', '3'].flatMap(
      (FORCE_COLOR): [NodeJS.ProcessEnv, boolean, boolean][] => [
        [{ FORCE_COLOR }, false, true],
        [{ FORCE_COLOR, NO_COLOR: '1', NODE_DISABLE_COLORS: '1', TERM: 'dumb' }, true, true],
      ],
    ),
    ...['0', 'false', '4', 'yes'].map((FORCE_COLOR): [NodeJS.ProcessEnv, boolean, boolean] => [
      { FORCE_COLOR },
      true,
      false,
    ]),
  ];
  for (const [env, terminal, ours, worker] of rows) {
    const told = JSON.stringify([env, terminal]);
    assert.equal(wantsColours(env, terminal), ours, told);
    assert.deepEqual(colourVariables(env, terminal), worker ? { FORCE_COLOR: worker } : {}, told);
  }
});
