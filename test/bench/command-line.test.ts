import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CommanderError } from 'commander';
import { listing, parseCommandLine } from './command-line.js';
import type { Peer } from './peers/peer.js';
import { runScenarios } from './run-scenarios.js';
import type { Scenario } from './scenarios/scenario.js';

const peer = (name: string): Peer => ({
  ...{ name, about: `about ${name}`, mostWorkers: 1 },
  missing: () => null,
  version: () => '1',
  start: () => Promise.reject(new Error('nobody starts it')),
  installed: () => null,
});
const PEERS = ['graceful-run', 'bare node', 'pm2', 'pm2, unmodified app'].map(peer);
const scenario = (name: string, run: Scenario['run']): Scenario => ({ name, about: 'it', run });
const SCENARIOS = ['steady', 'reload'].map((name) =>
  scenario(name, async () => ({ tables: [], budgets: [] })),
);

const names = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name);
const parse = (...argv: string[]) => parseCommandLine(argv, SCENARIOS, PEERS);

/** What was said on stderr. */
function refused(t: TestContext, ...argv: string[]): string {
  let said = '';
  t.mock.method(process.stderr, 'write', (text: string) => {
    said += text;
    return true;
  });
  assert.throws(
    () => parse(...argv),
    (error) => error instanceof CommanderError && error.exitCode === 1,
  );
  return said;
}

test('without a word everything is run', () => {
  const choice = parse();
  assert.deepEqual(names(choice.scenarios), ['steady', 'reload']);
  assert.deepEqual(names(choice.peers), names(PEERS));
  const { json, write, quick, list } = choice;
  assert.deepEqual(
    { json, write, quick, list },
    { json: null, write: false, quick: false, list: false },
  );
});

test('scenarios keep their order, graceful-run and bare node are always there', () => {
  const choice = parse('reload', 'steady', '--peers', 'pm2-unmodified-app', '--json', '-');
  assert.deepEqual(names(choice.scenarios), ['steady', 'reload']);
  assert.deepEqual(names(choice.peers), ['graceful-run', 'bare node', 'pm2, unmodified app']);
  assert.equal(choice.json, '-');
});

test('a page is written of a whole run only', (t) => {
  assert.equal(parse('--write').write, true);
  assert.equal(parse('reload', 'steady', '--write').write, true);
  for (const selection of [['reload'], ['--peers', 'pm2'], ['--quick']]) {
    assert.match(refused(t, '--write', ...selection), /^error: --write is for a run of all .*\n$/);
    t.mock.restoreAll();
  }
});

test('a quick run has no other peers, unless they are named; the beginning of a name will do', () => {
  assert.deepEqual(names(parse('--quick').peers), ['graceful-run', 'bare node']);
  const peersOf = (list: string) => names(parse('--quick', '--peers', list).peers).slice(2);
  assert.deepEqual(peersOf('PM'), ['pm2', 'pm2, unmodified app']);
  // The name of one is no beginning of another.
  assert.deepEqual(peersOf('PM2'), ['pm2']);
  assert.deepEqual(peersOf('pm2-, pm2'), ['pm2', 'pm2, unmodified app']);
});

test('a wrong name is told in one line, with those that exist', (t) => {
  assert.match(refused(t, 'relaod'), /^error: .*'relaod'.* steady, reload\.\n$/);
  t.mock.restoreAll();
  assert.match(
    refused(t, '--peers', 'pm2,pm3'),
    /^error: .*no contestant 'pm3'; there are: graceful-run, bare-node, pm2, pm2-unmodified-app\n$/,
  );
  for (const list of ['', 'pm2,', ' ']) {
    t.mock.restoreAll();
    assert.match(refused(t, '--peers', list), /^error: .*no contestant ' ?'; there are: /);
  }
});

test('the listing has the names as they are typed', () => {
  assert.match(
    listing(SCENARIOS, PEERS),
    /^ {2}steady +it$[\s\S]*^ {2}bare-node +about bare node$/m,
  );
});

test('a scenario that throws is told, and the next one runs', async () => {
  const said: string[] = [];
  const scenarios = [scenario('breaks', () => Promise.reject(new Error('oh'))), ...SCENARIOS];
  const context = { peers: PEERS, quick: true, say: (line: string) => void said.push(line) };
  const outcomes = await runScenarios(scenarios, context);
  assert.deepEqual(
    outcomes.map(({ scenario, result }) => [scenario, 'error' in result]),
    [
      ['breaks', true],
      ['steady', false],
      ['reload', false],
    ],
  );
  const [first] = outcomes;
  assert.match(first && 'error' in first.result ? first.result.error : '', /^Error: oh\n +at /);
  assert.match(said.join('\n'), /^\[breaks 0 s\] failed: Error: oh/);
});
