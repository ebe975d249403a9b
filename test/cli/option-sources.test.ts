// What a message names where the value of an option stands on no command line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blaming } from '../../src/cli/option-sources.js';
import { UsageError } from '../../src/errors.js';

test('the place is named instead of the flag that nobody wrote', () => {
  const origins = { output: 'GRACEFUL_RUN_OUTPUT', startTimeout: 'my.json: startTimeout' };
  const rows: [message: string, told: string][] = [
    ["--output 'foo': choose", "GRACEFUL_RUN_OUTPUT 'foo': choose"],
    ["--start-timeout: 'x' is no time", "my.json: startTimeout: 'x' is no time"],
    ["--name 'a/b': use", "--name 'a/b': use"],
    ['which command should run?', 'which command should run?'],
  ];
  for (const [message, told] of rows) {
    const refuse = () => {
      throw new UsageError(message, 'like this');
    };
    assert.throws(() => blaming(origins, refuse), { message: told, hint: 'like this' });
  }
  assert.throws(() => blaming(origins, () => assert.fail('--output')), { name: 'AssertionError' });
  assert.equal(
    blaming(origins, () => 7),
    7,
  );
});
