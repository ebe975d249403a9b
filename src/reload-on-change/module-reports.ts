// The files that Node loads. With WATCH_REPORT_DEPENDENCIES it reports them over IPC, as it does for `node --watch`.
import { fileURLToPath } from 'node:url';

/** For the environment of each worker. */
export const REPORT_MODULES = { WATCH_REPORT_DEPENDENCIES: '1' };

/**
 * Absolute paths from a message of Node: `{"watch:import": ["file:///…"]}` or `{"watch:require": ["/…"]}`; null for any
 * other message. A name that could not be resolved comes with all the paths that were tried: one of them may be created.
 */
export function filesOfMessage(message: unknown): string[] | null {
  const { 'watch:import': imported, 'watch:require': required } = Object(message);
  const names: unknown = imported ?? required;
  if (!Array.isArray(names)) return null;
  return names.map(pathOf).filter((path) => path !== null);
}

/** Of an absolute path or a file: URL; else null. */
function pathOf(name: unknown): string | null {
  if (typeof name !== 'string') return null;
  if (name.startsWith('/')) return name;
  // What follows a `?` only makes another module of the same file.
  const [url = ''] = name.split(/[?#]/);
  return url.startsWith('file:///') && URL.canParse(url) ? fileURLToPath(url) : null;
}
