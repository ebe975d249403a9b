// Which texts are coloured, and what the workers are told of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colorVariables, wantsColors } from '../../src/text/colors.js';

test('NO_COLOR, FORCE_COLOR and the terminal decide on colours, and what a worker is told', () => {
  const rows: [env: NodeJS.ProcessEnv, terminal: boolean, ours: boolean, worker?: string][] = [
    [{}, false, false],
    [{ TERM: 'xterm', COLORTERM: 'truecolor' }, false, false],
    [{ TERM: 'xterm' }, true, true, '1'],
    [{ TERM: 'xterm-256color' }, true, true, '2'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, true, true, '3'],
    [{ TERM: 'dumb' }, true, false],
    [{ TERM: 'xterm', NO_COLOR: '1' }, true, false],
    [{ TERM: 'xterm', NODE_DISABLE_COLORS: '1' }, true, false],
    // An empty variable disables nothing, but Node prints a warning if FORCE_COLOR stands beside it.
    [{ TERM: 'xterm', NO_COLOR: '' }, true, true],
    // What the user has decided is in the environment of the workers anyway.
    ...['', '1', 'true', '2', '3'].flatMap(
      (FORCE_COLOR): [NodeJS.ProcessEnv, boolean, boolean][] => [
        [{ FORCE_COLOR }, false, true],
        [{ FORCE_COLOR, NO_COLOR: '1', NODE_DISABLE_COLORS: '1', TERM: 'dumb' }, true, true],
      ],
    ),
    ...['0', 'false', '4', 'yes'].map((FORCE_COLOR): [NodeJS.ProcessEnv, boolean, boolean] => [
      { FORCE_COLOR, TERM: 'xterm' },
      true,
      false,
    ]),
  ];
  for (const [env, terminal, ours, worker] of rows) {
    const row = JSON.stringify([env, terminal]);
    assert.equal(wantsColors(env, terminal), ours, row);
    assert.deepEqual(colorVariables(env, terminal), worker ? { FORCE_COLOR: worker } : {}, row);
  }
});
