// Each command of the README, of docs/ and of the examples does what the page says. Those that need root or systemd are named
// as skipped, and their command lines are parsed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from '../../src/cli/parse-command-line.js';
import { startPageSession } from '../helpers/documents/page-session.js';
import {
  cannotRun,
  commandsOf,
  lacksProgram,
  markdownBelow,
  wordsOf,
} from '../helpers/documents/pages.js';

for (const page of ['README.md', ...markdownBelow('docs'), ...markdownBelow('examples')]) {
  const commands = commandsOf(page);
  const run = commands.filter(({ skip }) => skip === null);
  if (run.length > 0) {
    const title = `the commands of ${page} work in the order of the page`;
    test(title, { skip: cannotRun(page) || lacksProgram(run) }, async (t) => {
      const session = startPageSession(t);
      for (const { line } of run) await session.type(line);
    });
  }
  for (const { line, skip } of commands) {
    if (skip === null) continue;
    test(`${page}: ${line}`, { skip: `not run: ${skip}` });
    const words = wordsOf(line);
    const own = words.indexOf('graceful-run');
    if (own === -1) continue;
    test(`the command line that ${page} shows but no test runs is valid: ${line}`, async () => {
      const invocation = await parseCommandLine(words.slice(own + 1), '0', {});
      assert.notEqual(invocation.kind, 'done');
    });
  }
}
