// `graceful-run unit`: prints the unit of a command, or installs it.
import { resolve } from 'node:path';
import { EXIT, UsageError } from '../errors.js';
import { installedSystemd, isUser, presentUser } from '../systemd-unit/detect-system.js';
import { installUnits, SYSTEM_UNITS } from '../systemd-unit/install.js';
import { ASSUMED_SYSTEMD, type UnitFile } from '../systemd-unit/render.js';
import { unitFiles } from '../systemd-unit/service-unit.js';
import {
  type Account,
  masterArguments,
  masterCommand,
  type UnitRequest,
} from '../systemd-unit/unit-input.js';
import { quote } from '../text/shell-quote.js';
import type { UnitFlags, UnitInvocation } from './commands.js';
import { withOrigins } from './option-sources.js';
import type { ProcessContext } from './resolve-options.js';
import { print, printError } from './stdio.js';
import { unitRequest } from './unit-request.js';

/** Resolves with the exit status. Throws UsageError and StartError. */
export async function runUnit(
  invocation: UnitInvocation,
  context: ProcessContext,
): Promise<number> {
  const { flags } = invocation;
  for (const flag of ['force', 'directory'] as const) {
    if (flags[flag] !== undefined && !flags.install) {
      throw new UsageError(`--${flag} goes with --install`);
    }
  }
  const account = await accountFor(flags);
  const installed = await installedSystemd();
  if (installed === null) {
    warn(`no systemd is installed here; the unit is for version ${ASSUMED_SYSTEMD} and newer`);
  }
  const target = { systemd: installed ?? ASSUMED_SYSTEMD, account };
  const { request, warnings } = withOrigins(invocation.origins, () =>
    unitRequest(invocation, context, target),
  );
  for (const text of warnings) warn(text);
  const files = unitFiles(request);
  if (!flags.install) {
    const texts = files.map(({ text }) => text);
    print(texts.join('\n').trimEnd());
    return EXIT.ok;
  }
  const written = await installUnits(files, {
    directory: resolve(flags.directory ?? SYSTEM_UNITS),
    force: flags.force ?? false,
    asRoot: commandForRoot(request, flags),
  });
  for (const { path, changed } of written) print(`${changed ? 'wrote' : 'unchanged:'} ${path}`);
  print(['\nNext:', ...nextSteps(request, files)].join('\n  '));
  return EXIT.ok;
}

/** Throws UsageError for a name that systemd accepts only with warnings, systemd.exec(5). */
async function accountFor(flags: UnitFlags): Promise<Account> {
  if (flags.dynamicUser) return { kind: 'dynamic' };
  for (const option of ['user', 'group'] as const) {
    const name = flags[option];
    if (name !== undefined && !/^([a-z_][\w.-]{0,30}\$?|\d+)$/i.test(name)) {
      throw new UsageError(`--${option} '${name}' is not the name of a ${option}`);
    }
  }
  const user = flags.user ?? presentUser();
  if (flags.user === undefined && user === 'root') {
    warn('the service will run as root; better a user of its own: --user <name> or --dynamic-user');
  }
  if (flags.user !== undefined && !(await isUser(user))) {
    warn(`there is no user ${user} here; \`useradd --system ${user}\` makes one`);
  }
  return { kind: 'static', user, group: flags.group ?? null };
}

/** The commands to run when the files are installed. */
function nextSteps({ name, control }: UnitRequest, files: readonly UnitFile[]): string[] {
  return [
    'systemctl daemon-reload',
    `systemctl enable --now ${files.map((file) => file.name).join(' ')}`,
    `systemctl reload ${name}    # after each deploy; fails when the new code does not serve`,
    `graceful-run status ${control === null ? `--name ${name}` : `--control ${control}`}`,
  ];
}

/** The same command for sudo, with everything spelled out that differs for root. */
function commandForRoot(request: UnitRequest, flags: UnitFlags): string {
  const { account } = request;
  const user =
    account.kind === 'dynamic'
      ? ['--dynamic-user']
      : ['--user', account.user, ...(account.group === null ? [] : ['--group', account.group])];
  const words = [
    ...[...masterCommand(request), 'unit', '--install', ...user],
    ...(flags.directory === undefined ? [] : ['--directory', resolve(flags.directory)]),
    ...(flags.socket ? ['--socket'] : []),
    ...(flags.force ? ['--force'] : []),
    ...masterArguments(request),
  ];
  return `sudo env "PATH=$PATH" ${words.map(quote).join(' ')}`;
}

function warn(text: string): void {
  printError(`graceful-run: ${text}`);
}
