// Runs the compiled tests with Node's own runner.
//   run.js unit | processes | bench | e2e | newest | between | all | systemd     a group of test files
//   run.js dist/test/core/reload.test.js ...                                  these files
// `newest` leaves out test/e2e/one-node, which is about the master and the kernel alone; `between` keeps
// test/e2e/every-node, which depends on Node. `systemd` boots machines, as root, from the root file system in
// $SYSTEMD_ROOT; `all` does without.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root as repository } from './paths.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The package inside ours has tests of its own. */
const notify = join(repository, 'native-free-shims/node-systemd-notify/dist/test');
/** Where the files are written that import other tests. */
const GENERATED = join(root, '.together');

/** Compiled tests whose source is still there: the compiler does not delete what a renamed file has left behind. */
function testFiles(): string[] {
  return [root, notify].flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .map((name) => join(directory, name))
      .filter((file) => file.endsWith('.test.js') && existsSync(sourceOf(file)))
      .sort(),
  );
}

const sourceOf = (file: string) => file.replace('/dist/test/', '/test/').replace(/js$/, 'ts');

const isIn = (folder: string, file: string) => relative(root, file).startsWith(`${folder}/`);
const isEndToEnd = (file: string) => /^(e2e|examples)/.test(relative(root, file));
/** What Node does decides what these see; the other end-to-end tests hold in between if they hold at both ends. */
const dependsOnNode = (file: string) =>
  isIn('e2e/every-node', file) || file === join(root, 'examples.test.js');
const needsMachine = (file: string) => isIn('on-systemd', file);
const isBench = (file: string) => isIn('bench', file);
/** They start processes or wait for the file system, which takes more processor time than all unit tests together. */
const startsProcesses = (file: string) =>
  file.startsWith(notify) ||
  isIn('reload-on-change', file) ||
  /child_process|help-text/.test(readFileSync(file, 'utf8'));
const isSmall = (file: string) => !isEndToEnd(file) && !needsMachine(file) && !isBench(file);
const isProcesses = (file: string) => isSmall(file) && startsProcesses(file);
const isUnit = (file: string) => isSmall(file) && !startsProcesses(file);

const groups: Record<string, () => string[]> = {
  unit: () => together('unit', testFiles().filter(isUnit)),
  processes: () => together('processes', testFiles().filter(isProcesses)),
  bench: () => together('bench', testFiles().filter(isBench)),
  e2e: () => testFiles().filter(isEndToEnd),
  newest: () => testFiles().filter((file) => isEndToEnd(file) && !isIn('e2e/one-node', file)),
  between: () => testFiles().filter(dependsOnNode),
  systemd: () => testFiles().filter(needsMachine),
  all: () => ['unit', 'processes', 'bench', 'e2e'].flatMap((name) => groups[name]?.() ?? []),
};

/**
 * Paths of generated files that import tests: a Node process for each test file, or for each room, would double the processor
 * time. Two rooms wait for processes and for the file system most of the time; they run beside the others.
 */
function together(name: string, files: readonly string[]): string[] {
  mkdirSync(GENERATED, { recursive: true });
  const isApart = (file: string) => file.startsWith(notify) || isIn('reload-on-change', file);
  const parts = {
    [name]: files.filter((file) => !isApart(file)),
    notify: files.filter((file) => file.startsWith(notify)),
    watching: files.filter((file) => isIn('reload-on-change', file)),
  };
  return Object.entries(parts).flatMap(([part, members]) => {
    if (members.length === 0) return [];
    const path = join(GENERATED, `${part}.test.js`);
    writeFileSync(path, members.map((file) => `import '${relative(GENERATED, file)}';\n`).join(''));
    return [path];
  });
}

const files = process.argv.slice(2).flatMap((arg) => groups[arg]?.() ?? [arg]);
// An empty list would make node search for tests by itself, or report success for nothing.
if (files.length === 0) throw new Error(`no test file for ${process.argv.slice(2).join(' ')}`);

const args = [
  '--test',
  // A test that hangs fails by its name.
  '--test-timeout=600000',
  `--test-concurrency=${availableParallelism()}`,
  ...files,
];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exitCode = status ?? 1;
