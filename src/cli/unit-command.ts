// `graceful-run unit`: asks the machine, prints the unit or installs it.
import { resolve } from 'node:path';
import { EXIT, UsageError } from '../errors.js';
import {
  installedSystemd,
  isUser,
  presentUser,
  readVersion,
} from '../systemd-unit/detect-system.js';
import { installUnits, SYSTEM_UNITS } from '../systemd-unit/install.js';
import { ASSUMED_SYSTEMD, OLDEST_SYSTEMD } from '../systemd-unit/key-versions.js';
import { nextSteps, unitFiles } from '../systemd-unit/unit-files.js';
import {
  type Account,
  masterCommand,
  optionWords,
  type UnitRequest,
} from '../systemd-unit/unit-input.js';
import { quote } from '../text/shell-quote.js';
import { withOrigins } from './option-sources.js';
import type { ProcessContext } from './resolve-options.js';
import type { Output } from './stdio.js';
import type { UnitFlags, UnitInvocation } from './unit-options.js';
import { unitRequest } from './unit-request.js';

/** Resolves with the exit status. Throws UsageError and StartError. */
export async function runUnit(
  invocation: UnitInvocation,
  around: ProcessContext,
  output: Output,
): Promise<number> {
  const { flags } = invocation;
  for (const flag of ['force', 'directory'] as const) {
    if (flags[flag] !== undefined && !flags.install) {
      throw new UsageError(`--${flag} goes with --install`);
    }
  }
  const remark = (text: string) => output.err(`graceful-run: ${text}`);
  const systemd = await systemdFor(flags, remark);
  const account = await accountFor(flags, remark);
  const { request, remarks } = withOrigins(invocation.origins, () =>
    unitRequest(invocation, around, { systemd, account }),
  );
  for (const text of remarks) remark(text);
  const files = unitFiles(request);
  if (!flags.install) {
    output.out(
      files
        .map((file) => file.text)
        .join('\n')
        .trimEnd(),
    );
    return EXIT.ok;
  }
  const installed = await installUnits(files, {
    directory: resolve(flags.directory ?? SYSTEM_UNITS),
    force: flags.force ?? false,
    asRoot: commandForRoot(request, flags),
  });
  for (const { path, changed } of installed)
    output.out(`${changed ? 'wrote' : 'unchanged:'} ${path}`);
  output.out(
    `\nNext:\n${nextSteps(request, files)
      .map((step) => `  ${step}`)
      .join('\n')}`,
  );
  return EXIT.ok;
}

async function systemdFor(flags: UnitFlags, remark: (text: string) => void): Promise<number> {
  const given = flags.systemdVersion;
  if (given !== undefined) {
    const version = readVersion(given);
    if (version !== null && version >= OLDEST_SYSTEMD) return version;
    const problem = version === null ? 'is not a version' : `is older than ${OLDEST_SYSTEMD}`;
    throw new UsageError(
      `--systemd-version '${given}' ${problem}`,
      '`systemctl --version` says it: 252, for example',
    );
  }
  const installed = await installedSystemd();
  if (installed !== null) return Math.max(installed, OLDEST_SYSTEMD);
  remark(
    `no systemd here; the unit is for version ${ASSUMED_SYSTEMD} and newer (--systemd-version)`,
  );
  return ASSUMED_SYSTEMD;
}

async function accountFor(flags: UnitFlags, remark: (text: string) => void): Promise<Account> {
  if (flags.dynamicUser) return { kind: 'dynamic' };
  for (const option of ['user', 'group'] as const) {
    const name = flags[option];
    // More than this systemd takes only with warnings, systemd.exec(5).
    if (name !== undefined && !/^([a-z_][\w.-]{0,30}\$?|\d+)$/i.test(name)) {
      throw new UsageError(`--${option} '${name}' is not the name of a ${option}`);
    }
  }
  const user = flags.user ?? presentUser();
  if (flags.user === undefined && user === 'root') {
    remark(
      'the service will run as root; better a user of its own: --user <name> or --dynamic-user',
    );
  }
  if (flags.user !== undefined && !(await isUser(user))) {
    remark(`there is no user ${user} here; \`useradd --system ${user}\` makes one`);
  }
  return { kind: 'static', user, group: flags.group ?? null };
}

/** The same command for sudo, with everything spelled out that differs for root. */
function commandForRoot(request: UnitRequest, flags: UnitFlags): string {
  const { name, directory, account, command } = request;
  const user =
    account.kind === 'dynamic'
      ? ['--dynamic-user']
      : ['--user', account.user, ...(account.group === null ? [] : ['--group', account.group])];
  const words = [
    ...[...masterCommand(request), 'unit', '--install', ...user],
    ...(flags.systemdVersion === undefined ? [] : ['--systemd-version', flags.systemdVersion]),
    ...(flags.directory === undefined ? [] : ['--directory', resolve(flags.directory)]),
    ...(flags.socket ? ['--socket'] : []),
    ...(flags.force ? ['--force'] : []),
    ...['--name', name, '--cwd', directory.logical, ...optionWords(request)],
    ...(command.length > 0 ? ['--', ...command] : []),
  ];
  return `sudo env "PATH=$PATH" ${words.map(quote).join(' ')}`;
}
