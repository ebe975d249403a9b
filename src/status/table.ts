// The status of a fleet for people. Pure.
import { formatDuration } from '../text/duration.js';
import { plain } from '../text/sanitize.js';
import type { StatusReport } from './report-types.js';

const WORKER_COLUMNS = ['WORKER', 'PID', 'STATE', 'FOR', 'CONNECTIONS'];
const LONGEST_STATUS = 80;

export function statusTable(status: StatusReport, now: number = Date.now()): string {
  const { name, pid, phase, generation, workersWanted, reloads } = status;
  const says = status.workers.some((worker) => worker.status !== null);
  const workers = status.workers.map((worker) => [
    `${worker.generation}.${worker.slot}`,
    String(worker.pid ?? '-'),
    worker.state,
    age(worker.readyAt ?? worker.startedAt, now),
    String(worker.connections ?? '-'),
    ...(says ? [oneLine(worker.status ?? '-')] : []),
  ]);
  const sockets = status.sockets.map(({ name: socket, address, queued }) => [
    socket,
    address,
    String(queued ?? '-'),
  ]);
  const lines = [
    `${name} (pid ${pid}): ${phase}, generation ${generation}, ${workersWanted} wanted`,
    '',
    ...table([...WORKER_COLUMNS, ...(says ? ['STATUS'] : [])], workers),
    '',
    ...table(['SOCKET', 'ADDRESS', 'QUEUED'], sockets),
    '',
    `reloads: ${reloads.ok} ok, ${reloads.failed} failed${lastReload(status, now)}`,
  ];
  // Reasons and paths of sockets come from the app as well.
  return plain(lines.join('\n'));
}

/** It comes from the app, and goes to a terminal. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, LONGEST_STATUS);
}

function lastReload({ lastReload: last }: StatusReport, now: number): string {
  if (!last) return '';
  const when = `the last ${age(last.at, now)} ago`;
  if (last.ok) return `; ${when}, in ${formatDuration(last.durationMs)}`;
  return `; ${when} failed:\n  ${(last.reason ?? '').replaceAll('\n', '\n  ')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** One unit is enough: `45s`, `12m`, `3h`, `8d`. */
function age(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
  ];
  const unit = units.find(([size]) => seconds >= 2 * size);
  return unit ? `${Math.floor(seconds / unit[0])}${unit[1]}` : `${seconds}s`;
}
