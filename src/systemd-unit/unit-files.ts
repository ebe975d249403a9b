// All files of one service: the socket units first, as systemd has to start them first.
import type { UnitFile } from './render.js';
import { serviceUnit } from './service-unit.js';
import { socketUnits } from './socket-units.js';
import type { UnitRequest } from './unit-input.js';

/** Throws UsageError for a value that a unit cannot hold. */
export function unitFiles(request: UnitRequest): UnitFile[] {
  return [...(request.socketUnits ? socketUnits(request) : []), serviceUnit(request)];
}

/** The commands to run when the files are installed. */
export function nextSteps({ name, control }: UnitRequest, files: readonly UnitFile[]): string[] {
  return [
    'systemctl daemon-reload',
    `systemctl enable --now ${files.map((file) => file.name).join(' ')}`,
    `systemctl reload ${name}    # after each deploy; fails when the new code does not serve`,
    `graceful-run status ${control === null ? `--name ${name}` : `--control ${control}`}`,
  ];
}
