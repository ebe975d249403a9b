// Asks the systemd that is installed, without it running: what it says of unit files, and how it reads them.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { UnitFile } from '../../../src/systemd-unit/unit-text.js';

const MANAGER = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'].find(existsSync);
const NOBODY = 65534;

const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
const version = Number(/^systemd (\d+)/.exec(analyze('--version').stdout ?? '')?.[1] ?? 0);

/** Why tests with systemd's own tools cannot run here; false when they can. */
export const withoutSystemd: string | false =
  version >= 252 && MANAGER ? false : 'needs systemd-analyze of systemd 252 or newer';

export const systemdHere = version;

/** A directory of unit files that everybody may read. */
function unitDirectory(t: TestContext, files: readonly UnitFile[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'gr-units-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  for (const { name, text } of files) writeFileSync(join(directory, name), text);
  return directory;
}

/** The units of systemd that ours refer to. */
const TARGETS = ['sysinit', 'basic', 'shutdown', 'sockets', 'network', 'network-online'];

/**
 * The warnings of `systemd-analyze verify`, without directory and line number, each once. It sees these files and no unit
 * of the machine, about which it would warn as well.
 */
export function complaints(t: TestContext, files: readonly UnitFile[]): string[] {
  const directory = unitDirectory(t, files);
  for (const name of TARGETS) {
    writeFileSync(join(directory, `${name}.target`), '[Unit]\nDefaultDependencies=no\n');
  }
  const paths = files.map(({ name }) => join(directory, name));
  const { stdout, stderr, status } = spawnSync(
    'systemd-analyze',
    ['verify', '--man=no', ...paths],
    { encoding: 'utf8', env: { ...process.env, SYSTEMD_UNIT_PATH: directory } },
  );
  const lines = `${stdout}${stderr}`.split('\n').filter(Boolean);
  const warnings = new Set(
    lines.map((line) => line.replace(`${directory}/`, '').replace(/:\d+:/, ':')),
  );
  return status === 0 ? [...warnings] : [...warnings, `status ${status}`];
}

/** The overall exposure, 0 to 10, by `systemd-analyze security`. */
export function exposure(t: TestContext, file: UnitFile): number {
  const path = join(unitDirectory(t, [file]), file.name);
  const { stdout, stderr } = analyze('security', '--offline=true', '--no-pager', path);
  const found = /Overall exposure level for .*: (\d+\.\d)/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(stdout + stderr);
  return Number(found);
}

/** The command lines of a unit as systemd has understood them; variables are still in them. */
export function commandLinesOf(
  t: TestContext,
  files: readonly UnitFile[],
  unit: string,
): string[][] {
  const directory = unitDirectory(t, files);
  const home = join(directory, 'home');
  mkdirSync(home);
  chmodSync(home, 0o777);
  // It refuses to do this for root.
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { stdout, stderr } = spawnSync(
    MANAGER ?? '',
    ['--test', '--user', '--no-pager', `--unit=${unit}`],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        XDG_CONFIG_HOME: home,
        XDG_RUNTIME_DIR: home,
        SYSTEMD_UNIT_PATH: `${directory}:`,
      },
      ...asNobody,
    },
  );
  const own = stdout.split(/^\t-> Unit /m).find((part) => part.startsWith(`${unit}:`));
  const lines = [...(own ?? '').matchAll(/^\t+Command Line: (.*)$/gm)].map(
    ([, line]) => line ?? '',
  );
  if (lines.length === 0) throw new Error(`systemd did not read ${unit}:\n${stdout}${stderr}`);
  return lines.map(wordsOf);
}

/** Undoes the quoting of the dump: words at blanks, and in quotes the escapes of C. */
function wordsOf(line: string): string[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return words.map((word) =>
    word.startsWith('"')
      ? word.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, escaped: string) => unescaped(escaped))
      : word,
  );
}

function unescaped(escaped: string): string {
  if (escaped.length === 3) return String.fromCharCode(Number.parseInt(escaped, 8));
  const letters: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return letters[escaped] ?? escaped;
}
