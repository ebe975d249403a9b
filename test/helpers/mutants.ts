// How much the simulation proves: small faults are put into the compiled core, one at a time, and the random lives
// should notice each. It is not part of `npm test`. After a build:
//
//   node dist/test/helpers/mutants.js [how many, 60] [seed of the choice, 1]
//
// Each fault that survives is printed: it changes nothing that matters (equivalent), or an invariant is missing. The
// same numbers choose the same faults as long as the core is the same.
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dice } from '../core/dice.js';
import { root } from './paths.js';

const STEPS = 60_000;
const TIME_LIMIT_MS = 90_000;

interface Mutant {
  readonly file: string;
  /** From 0. */
  readonly line: number;
  readonly before: string;
  /** Empty: the statement is removed. */
  readonly after: string;
}

/** What is replaced by what, at each place where it is found. */
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ \?\? /g, ' && '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/Math\.min/g, 'Math.max'],
  [/Math\.max/g, 'Math.min'],
  [/\bsome\(/g, 'every('],
  [/\bevery\(/g, 'some('],
  [/(?<=[( ])!(?=\w)/g, ''],
];

/** A statement of one line that can be left out: a call, an early return, a rule in the list of rules. */
const STATEMENT =
  /^\s+(?:[\w.]+\(.*\);|return [\w.]+\(.*\);|if \(.*\) return.*;|continue;|[a-z]\w+,)$/;

function mutantsOf(file: string, text: string): Mutant[] {
  return text.split('\n').flatMap((before, line) => {
    if (/^\s*(?:\/\/|\/?\*|import |export \{)/.test(before)) return [];
    const replaced = REPLACEMENTS.flatMap(([what, by]) =>
      [...before.matchAll(what)].map(({ index, 0: found }) => ({
        ...{ file, line, before },
        after: before.slice(0, index) + by + before.slice(index + found.length),
      })),
    );
    return STATEMENT.test(before) ? [...replaced, { file, line, before, after: '' }] : replaced;
  });
}

function choose<T>(from: readonly T[], count: number, seed: number): T[] {
  const { roll } = dice(seed);
  const order = from.map((item) => ({ item, at: roll() })).sort((a, b) => a.at - b.at);
  return order.slice(0, count).map(({ item }) => item);
}

/** A copy of what is compiled, in which one file after the other is changed. */
function createCopy(): string {
  const copy = fs.mkdtempSync(join(tmpdir(), 'graceful-run-mutants-'));
  for (const part of ['dist', 'package.json'])
    fs.cpSync(join(root, part), join(copy, part), { recursive: true });
  fs.symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function isKilled(copy: string, { file, line, after }: Mutant): Promise<boolean> {
  const path = join(copy, 'dist/src/core', file);
  const text = fs.readFileSync(path, 'utf8');
  fs.writeFileSync(path, text.split('\n').with(line, after).join('\n'));
  const env = { ...process.env, STEPS: String(STEPS), SHRINK: 'no' };
  const options = { env, timeout: TIME_LIMIT_MS, maxBuffer: Number.POSITIVE_INFINITY };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(copy, 'dist/test/core/random.test.js')], options, (error) => {
      fs.writeFileSync(path, text);
      resolve(error !== null);
    });
  });
}

const [count = 60, seed = 1] = process.argv.slice(2).map(Number);
const core = join(root, 'dist/src/core');
const files = fs
  .readdirSync(core)
  .filter((file) => file.endsWith('.js'))
  .sort();
const all = files.flatMap((file) => mutantsOf(file, fs.readFileSync(join(core, file), 'utf8')));
const chosen = choose(all, count, seed);
const copy = createCopy();
let killed = 0;
for (const mutant of chosen) {
  const { file, line, before, after } = mutant;
  if (await isKilled(copy, mutant)) killed += 1;
  else console.log(`survived: ${file}:${line + 1}\n- ${before.trim()}\n+ ${after.trim()}`);
}
fs.rmSync(copy, { recursive: true });
console.log(`killed ${killed} of ${chosen.length} (of ${all.length} possible)`);
