// All files of one service: the socket units first, as they have to be started first.

import type { UnitFile } from './render.js';
import { serviceUnit } from './service-unit.js';
import { socketUnits } from './socket-units.js';
import type { UnitRequest } from './unit-input.js';

/** Throws UsageError for what systemd could not be told. */
export function unitFiles(request: UnitRequest): UnitFile[] {
  return [...(request.socketUnits ? socketUnits(request) : []), serviceUnit(request)];
}

/** What to type after the files are in place, with remarks. */
export function nextSteps(request: UnitRequest, files: readonly UnitFile[]): string[] {
  const { name, control } = request;
  return [
    'systemctl daemon-reload',
    `systemctl enable --now ${files.map((file) => file.name).join(' ')}`,
    `systemctl reload ${name}    # after each deploy; fails when the new code does not serve`,
    `graceful-run status ${control === null ? `--name ${name}` : `--control ${control}`}`,
  ];
}
