// `npm run bench [-- scenario...]`: graceful-run beside its peers, on this machine, in this very run.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { root } from '../helpers/paths.js';
import { type Choice, listing, parseCommandLine } from './command-line.js';
import { describeMachine } from './machine.js';
import { PEERS } from './peers/index.js';
import { runAsJson } from './report/json.js';
import { runAsPage } from './report/page.js';
import { exitStatus, type Run } from './report/run.js';
import { runAsText } from './report/terminal.js';
import { runScenarios } from './run-scenarios.js';
import { SCENARIOS } from './scenarios/index.js';

const USAGE = 2;
const PAGE = join(root, 'test/bench/RESULTS.md');

function readChoice(): Choice {
  try {
    return parseCommandLine(process.argv.slice(2), SCENARIOS, PEERS);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exit(error.exitCode === 0 ? 0 : USAGE);
  }
}

async function run({ scenarios, peers, quick }: Choice): Promise<Run> {
  const machine = describeMachine();
  const checked = peers.map((peer) => ({ peer, why: peer.missing() }));
  const present = checked.filter(({ why }) => why === null).map(({ peer }) => peer);
  const leftOut = checked.flatMap(({ peer, why }) => (why ? [{ name: peer.name, why }] : []));
  for (const { name, why } of leftOut) say(`left out: ${name}: ${why}`);
  const facts = present.map((peer) => ({
    ...{ name: peer.name, version: peer.version(), about: peer.about },
  }));
  const outcomes = await runScenarios(scenarios, { peers: present, quick, say });
  const date = new Date().toISOString();
  return { date, quick, machine, peers: facts, leftOut, outcomes };
}

/** Before anything is measured: it would be lost. */
function checkWritable(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      closeSync(openSync(path, 'a'));
    } catch (error) {
      say(`error: cannot write: ${(error as Error).message}`);
      process.exit(USAGE);
    }
  }
}

function filesOf({ json, write }: Choice): string[] {
  return [...(json === null || json === '-' ? [] : [json]), ...(write ? [PAGE] : [])];
}

function publish(result: Run, { json, write }: Choice): void {
  process.stdout.write(json === '-' ? runAsJson(result) : runAsText(result));
  if (json !== null && json !== '-') writeFileSync(json, runAsJson(result));
  if (write) writeFileSync(PAGE, runAsPage(result));
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

const choice = readChoice();
if (choice.list) {
  process.stdout.write(listing(SCENARIOS, PEERS));
} else {
  checkWritable(filesOf(choice));
  const result = await run(choice);
  publish(result, choice);
  process.exitCode = exitStatus(result);
}
