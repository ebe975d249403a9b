// Where options come from, and what a message names if an option is not on the command line.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  combineSources,
  environmentOptions,
  readSources,
  withOrigins,
} from '../../src/cli/option-sources.js';
import { OPTION_ENTRIES, variableOf } from '../../src/cli/option-table.js';
import { UsageError } from '../../src/errors.js';
import { scratch } from '../helpers/supervisor.js';

test('each option can be set by its variable', () => {
  for (const [key, { type }] of OPTION_ENTRIES) {
    const [text, value] = type === 'list' ? [' a  b ', ['a', 'b']] : ['1', '1'];
    const isSwitch = type === 'switch' || type === 'paths';
    const found = environmentOptions({ [variableOf(key)]: text });
    assert.deepEqual(found, { [key]: isSwitch ? true : value }, key);
  }
  assert.equal(variableOf('inspectPort'), 'GRACEFUL_RUN_INSPECT_PORT');
});

test('a variable switches an option on and off', () => {
  const rows: [text: string, inspect: true | undefined, watch: unknown][] = [
    ['1', true, true],
    ['true', true, true],
    ['0', undefined, undefined],
    ['false', undefined, undefined],
    ['', undefined, undefined],
  ];
  for (const [text, inspect, watch] of rows) {
    const env = { GRACEFUL_RUN_INSPECT: text, GRACEFUL_RUN_WATCH: text };
    assert.deepEqual(environmentOptions(env), { watch, inspect }, text);
  }
  const watch = environmentOptions({ GRACEFUL_RUN_WATCH: 'src lib' });
  assert.deepEqual(watch, { watch: ['src', 'lib'] });
  assert.throws(() => environmentOptions({ GRACEFUL_RUN_INSPECT: '9230' }), {
    name: 'UsageError',
    message: "GRACEFUL_RUN_INSPECT '9230' is not a switch; write 1 or 0",
  });
});

test('the command line wins over the environment, which wins over the config file', async (t) => {
  const directory = scratch(t);
  const path = join(directory, 'c.json');
  writeFileSync(
    path,
    '{ "workers": 2, "name": "file", "watch": true, "maxCrashes": 5, "command": "node a.js" }',
  );
  const env = {
    GRACEFUL_RUN_CONFIG: path,
    GRACEFUL_RUN_NAME: 'variable',
    GRACEFUL_RUN_MAX_CRASHES: '6',
    GRACEFUL_RUN_WATCH: '0',
  };
  const sources = await readSources({ maxCrashes: '7' }, env);
  const { raw, given, origins, configFile } = combineSources(sources, 'run');
  const { workers, name, maxCrashes, watch, ready, command } = raw;
  assert.deepEqual(
    [workers, name, maxCrashes, watch, ready, command],
    ['2', 'variable', '7', undefined, 'auto', ['node', 'a.js']],
  );
  assert.deepEqual(given, { config: path, name: 'variable', maxCrashes: '7', watch: undefined });
  const { '--workers': fromFile, '--name': fromVariable, '--max-crashes': fromFlag } = origins;
  assert.deepEqual(
    [fromFile, fromVariable, fromFlag],
    [`${path}: workers`, 'GRACEFUL_RUN_NAME', '--max-crashes'],
  );
  assert.equal(configFile, path);
});

test('a message names the origin of an option instead of a flag that was not given', () => {
  const origins = {
    '--output': 'GRACEFUL_RUN_OUTPUT',
    '--start-timeout': 'my.json: startTimeout',
  };
  const rows: [message: string, shown: string][] = [
    ["--output 'foo': choose", "GRACEFUL_RUN_OUTPUT 'foo': choose"],
    ["--start-timeout: 'x' is not a time", "my.json: startTimeout: 'x' is not a time"],
    ["--name 'a/b': use", "--name 'a/b': use"],
    ['which command should run?', 'which command should run?'],
  ];
  for (const [message, shown] of rows) {
    const refuse = () => {
      throw new UsageError(message, 'like this');
    };
    assert.throws(() => withOrigins(origins, refuse), { message: shown, hint: 'like this' });
  }
  const bug = () => assert.fail('--output');
  assert.throws(() => withOrigins(origins, bug), { message: '--output' });
});
