// Runs the compiled tests with Node's own runner: `run.js unit`, `e2e`, `newest` and `between` (of those, what may differ
// on the newest Node, and on those between it and the oldest), `notify`, `all`, or paths.
// `run.js systemd` boots machines, as root, from the root file system in $SYSTEMD_ROOT; `all` does without.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root as repository } from './paths.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The package inside ours has tests of its own. */
const notify = join(repository, 'native-free-shims/node-systemd-notify/dist/test');

function testFiles(): string[] {
  return [root, notify].flatMap((one) =>
    readdirSync(one, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.js'))
      .map((name) => join(one, name))
      .sort(),
  );
}

const isEndToEnd = (file: string) => /^(e2e|examples)/.test(relative(root, file));
/** About the master and the kernel: the same with every Node. */
const SAME = [
  ...['bench-peers', 'broken-commands', 'client-commands', 'control-socket', 'crossings'],
  ...['drain-limit', 'env-file', 'failing-sibling', 'five-hundred-saves', 'given-sockets'],
  ...['kill-tree', 'master-death', 'never-listens', 'own-processes', 'respawn'],
  ...['scale', 'two-hundred-reloads'],
];
/** About what Node does: what else holds on the oldest and on the newest holds in between. */
const DIFFERENT = [
  ...['dev', 'dev-frameworks', 'drain', 'drain-secure', 'early-requests', 'first-start'],
  ...['hand-off', 'inspect', 'launchers', 'no-request-lost', 'odd-apps', 'source-maps'],
  ...['stray-signals', 'unix-socket', 'worker-environment', 'worker-library'],
];
const isOneOf = (names: readonly string[], file: string) =>
  names.some((one) => file.endsWith(`/e2e/${one}.test.js`));
const needsMachine = (file: string) => relative(root, file).startsWith('on-systemd/');
const groups: Record<string, (file: string) => boolean> = {
  unit: (file) => !isEndToEnd(file) && !needsMachine(file),
  e2e: isEndToEnd,
  newest: (file) => isEndToEnd(file) && !isOneOf(SAME, file),
  between: (file) => isOneOf(DIFFERENT, file) || file === join(root, 'examples.test.js'),
  notify: (file) => file.startsWith(notify),
  systemd: needsMachine,
  all: (file) => !needsMachine(file),
};

const files = process.argv.slice(2).flatMap((arg) => {
  const group = groups[arg];
  return group ? testFiles().filter(group) : [arg];
});
// An empty list would make node search for tests by itself, or report success for nothing.
if (files.length === 0) throw new Error(`no test file for ${process.argv.slice(2).join(' ')}`);

// A test that hangs fails by its name.
const args = [
  '--test',
  '--test-timeout=600000',
  `--test-concurrency=${availableParallelism()}`,
  ...files,
];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exitCode = status ?? 1;
