// The help of all commands fits where it is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpText, standardOutput } from '../helpers/documents/help-text.js';

const WIDTH = 80;

test(`no line of a help text has more than ${WIDTH} columns`, async () => {
  const main = await helpText();
  const [, list = ''] = /\nCommands:\n(.*?)\n\n/s.exec(main) ?? [];
  const commands = [...list.matchAll(/^ {2}(\w+) \[?/gm)].map(([, name = '']) => name);
  const others = commands.filter((name) => name !== 'help');
  assert.ok(
    ['dev', 'reload', 'unit'].every((name) => others.includes(name)),
    main,
  );
  const texts = await Promise.all(others.map((name) => helpText(name)));
  const lines = [main, ...texts].flatMap((text) => text.split('\n'));
  assert.deepEqual(
    lines.filter((line) => line.length > WIDTH),
    [],
  );
});

test('help is a command as well', async () => {
  for (const names of [[], ['status'], ['dev']]) {
    assert.equal(await standardOutput(['help', ...names]), await helpText(...names));
  }
});
