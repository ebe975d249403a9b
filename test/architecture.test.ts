// The arrows between the folders of src, read from the import lines; and the size of its files.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { root } from './helpers/paths.js';

const LONGEST_FILE = 250;
/** Rooms that act or tell: none imports another, but for what `allowed` names below. */
const hands = [
  'sockets',
  'workers',
  'readiness',
  'control',
  'status',
  'log',
  'systemd',
  'output',
  'reload-on-change',
  'dev',
  'debugger',
];
/** What every hand may use: how things read, what the kernel tells, and what both sides of a border share. */
const common = ['text', 'linux', 'errors', 'package-root', 'ipc-protocol', 'run-options'];
/** Of the core, what others than the master may use: its data, not its decisions. */
const data = [
  'core/fleet',
  'core/failure',
  'core/events',
  'core/commands',
  'core/policy',
  'core/step-record',
  'core/sockets',
];

/** What a file may import, by the folder (or file at the root of src) that it is in. */
const allowed: Record<string, readonly string[]> = {
  core: ['core'],
  text: ['text', ...data],
  linux: ['linux'],
  'run-options': [...data, 'log', 'output', 'readiness', 'sockets'],
  ...Object.fromEntries(hands.map((hand) => [hand, [hand, ...data, ...common]])),
  // Whether a program is Node decides whether a given socket has to listen before it starts.
  sockets: ['sockets', 'workers/find-command', 'log/logger', ...data, ...common],
  status: ['status', 'sockets', ...data, ...common],
  dev: ['dev', 'output', 'status', 'log/logger', ...data, ...common],
  debugger: ['debugger', 'log/logger', ...data, ...common],
  control: ['control', 'status/report-types', ...data, ...common],
  // The composition root and its helpers see all; only the loop takes steps.
  master: ['master', 'core', ...hands, ...common],
  // A unit is text about a master, written when none runs: it needs no hand, only what a --listen means.
  'systemd-unit': ['systemd-unit', 'errors', 'linux/paths', 'sockets/listen-spec'],
  cli: ['cli', 'master', 'systemd-unit', 'v8-flags', ...hands, ...data, ...common],
  worker: ['worker', 'ipc-protocol'],
  // It runs in the user's process: only Node, the contract with the master, and the rules that both sides must share.
  preload: [
    'preload',
    'ipc-protocol',
    'linux/proc-process',
    'sockets/listen-target',
    'sockets/spare-path',
  ],
  index: ['control', 'status/report-types', 'cli/config/schema'],
};

const src = join(root, 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
/** From src, as the names of `files`. */
const preload = readdirSync(join(root, 'native-free-shims/preload')).map(
  (name) => `../native-free-shims/preload/${name}`,
);
const fromRoot = (path: string) => path.replace(/^\.\.\/(src|native-free-shims)\//, '');

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found = [...text.matchAll(/(?:from|import\() ?'(\.[^']+)\.js'/g)].map(
    ([, path]) => path ?? '',
  );
  return found.map((path) => fromRoot(normalize(join(dirname(file), path))));
}

function folderOf(file: string): string {
  const [folder = ''] = fromRoot(file).split('/');
  return folder.replace(/\.ts$/, '');
}

test('imports follow the arrows', () => {
  const wrong = [...files, ...preload].flatMap((file) => {
    const may = allowed[folderOf(file)] ?? [];
    return importsOf(file)
      .filter((target) => !may.some((one) => target === one || target.startsWith(`${one}/`)))
      .map((target) => `${file} -> ${target}`);
  });
  assert.deepEqual(wrong, []);
});

test('the test sees the imports that there are', () => {
  assert.ok(importsOf('core/step-fleet.ts').includes('core/rules'));
  assert.ok(importsOf('cli/main.ts').includes('master/compose'));
  const redirect = '../native-free-shims/preload/redirect-listen.ts';
  assert.ok(importsOf(redirect).includes('sockets/listen-target'));
});

test('the core imports nothing but itself, not even from Node', () => {
  for (const file of files.filter((one) => one.startsWith('core/'))) {
    const text = readFileSync(join(src, file), 'utf8');
    const outside = [...text.matchAll(/from '([^.][^']*)'/g)].map(([, name]) => name);
    assert.deepEqual(outside, [], file);
  }
});

test('the master and the preload each have one file that uses the internals of node:net', () => {
  const users = [...files, ...preload].filter((file) =>
    /_createServerHandle|BoundSocket\(/.test(readFileSync(join(src, file), 'utf8')),
  );
  const own = ['../native-free-shims/preload/node-internals.ts', 'sockets/node-handles.ts'];
  assert.deepEqual(users.sort(), own);
});

test('only the loop of the master takes steps, and only one file ends the process', () => {
  const users = (pattern: RegExp) =>
    files.filter((file) => pattern.test(readFileSync(join(src, file), 'utf8')));
  assert.deepEqual(users(/from '\.\.\/core\/(step-fleet|decide)\.js'/), ['master/event-loop.ts']);
  assert.deepEqual(users(/process\.exit\(/), ['cli/main.ts']);
  assert.deepEqual(users(/from 'tree-kill'|import\('tree-kill'\)/), [
    'workers/kill-process-tree.ts',
  ]);
});

test(`no file has more than ${LONGEST_FILE} lines`, () => {
  const shims = readdirSync(join(root, 'native-free-shims'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cjs|sh|pl|py|ts)$/.test(name) && !name.includes('/dist/'))
    .map((name) => join('../native-free-shims', name));
  const long = [...files, ...shims].filter(
    (file) => readFileSync(join(src, file), 'utf8').split('\n').length - 1 > LONGEST_FILE,
  );
  assert.deepEqual(long, []);
});
