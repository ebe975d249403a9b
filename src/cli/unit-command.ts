// `graceful-run unit`: prints the unit of a command, or installs it.
import { resolve } from 'node:path';
import { EXIT, UsageError } from '../errors.js';
import { installUnits } from '../systemd-unit/install.js';
import { unitFiles } from '../systemd-unit/service-unit.js';
import { quote } from '../text/shell-quote.js';
import { withOrigins } from './option-sources.js';
import type { UnitInvocation } from './parse-command-line.js';
import type { ProcessContext } from './resolve-options.js';
import { print, printError } from './stdio.js';
import { planUnit } from './unit-request.js';

const SYSTEM_UNITS = '/etc/systemd/system';

/** Returns the exit status. Throws UsageError and StartError. */
export function runUnit(invocation: UnitInvocation, context: ProcessContext): number {
  const { install, directory } = invocation.flags;
  if (directory !== undefined && !install) throw new UsageError('--directory goes with --install');
  const { request, instance, warnings } = withOrigins(invocation.origins, () =>
    planUnit(invocation, context),
  );
  for (const text of warnings) printError(`graceful-run: ${text}`);
  const files = withOrigins(invocation.origins, () => unitFiles(request));
  if (!install) {
    const texts = files.map(({ text }) => text);
    print(texts.join('\n').trimEnd());
    return EXIT.ok;
  }
  const { name, user } = request;
  // Without these the unit would name another Node, the directory behind a link, and root as the user.
  const account = user === null ? '' : `, and give --user ${quote(user)}`;
  const asRoot = `put sudo env "PATH=$PATH" "PWD=$PWD" before the command${account}`;
  const paths = installUnits(files, resolve(directory ?? SYSTEM_UNITS), asRoot);
  for (const path of paths) print(`wrote ${path}`);
  const steps = [
    'systemctl daemon-reload',
    `systemctl enable --now ${files.map((file) => file.name).join(' ')}`,
    `systemctl reload ${name}    # after each deploy; fails when the new code does not serve`,
    `graceful-run status ${instance.map(quote).join(' ')}`,
  ];
  print(['\nNext:', ...steps].join('\n  '));
  return EXIT.ok;
}
