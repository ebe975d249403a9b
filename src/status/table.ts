// The status of a fleet as a table for people.
import { formatDuration } from '../text/duration.js';
import { oneLine, stripControls } from '../text/sanitize.js';
import type { StatusReport } from './report-types.js';

const WORKER_COLUMNS = ['WORKER', 'PID', 'STATE', 'FOR', 'CONNECTIONS'];
/** Characters of the STATUS= text of a worker that are shown. */
const MAX_STATUS_LENGTH = 80;

/** `now`: milliseconds since 1970, for the ages. */
export function statusTable(status: StatusReport, now: number = Date.now()): string {
  const { name, pid, phase, generation, workersWanted, reloads } = status;
  const hasStatus = status.workers.some((worker) => worker.status !== null);
  const workers = status.workers.map((worker) => [
    `${worker.generation}.${worker.slot}`,
    String(worker.pid ?? '-'),
    worker.state,
    age(worker.readyAt ?? worker.startedAt, now),
    String(worker.connections ?? '-'),
    ...(hasStatus ? [oneLine(worker.status ?? '-').slice(0, MAX_STATUS_LENGTH)] : []),
  ]);
  const sockets = status.sockets.map((socket) => [
    socket.name,
    socket.address,
    String(socket.queued ?? '-'),
  ]);
  const lines = [
    `${name} (pid ${pid}): ${phase}, generation ${generation}, ${workersWanted} wanted`,
    '',
    ...table([...WORKER_COLUMNS, ...(hasStatus ? ['STATUS'] : [])], workers),
    '',
    ...table(['SOCKET', 'ADDRESS', 'QUEUED'], sockets),
    '',
    `reloads: ${reloads.ok} ok, ${reloads.failed} failed${lastReload(status, now)}`,
  ];
  // Reasons and socket paths come from the app, and must not control the terminal.
  return stripControls(lines.join('\n'));
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

/** The time since then in one unit: `45s`, `12m`, `3h`, `8d`. */
function age(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
