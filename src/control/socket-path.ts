// Where the control socket is: the master creates it there, and the client looks for it there.
import { join } from 'node:path';

/**
 * The possible paths in order of preference. The master uses the first. The client uses the first where a master
 * answers, because a login shell does not have the variables of a service.
 */
export function controlPaths(name: string, env: NodeJS.ProcessEnv, uid: number): string[] {
  const file = `${name}.sock`;
  // A list of directories when the unit names several, systemd.exec(5).
  const runtime = env.RUNTIME_DIRECTORY?.split(':')[0];
  const bases = [runtime, env.XDG_RUNTIME_DIR, uid === 0 ? '/run' : undefined];
  const paths = bases.flatMap((base) => (base ? [join(base, 'graceful-run', file)] : []));
  return [...new Set([...paths, join('/tmp', `graceful-run-${uid}`, file)])];
}

/**
 * The paths of a service whose unit has RuntimeDirectory=<name>, such as those of `graceful-run unit`. Only root can
 * make directories in /run, so that what answers there is that service.
 */
export function serviceControlPaths(name: string): string[] {
  return [name, join(name, 'service')].map((directory) =>
    join('/run', directory, 'graceful-run', `${name}.sock`),
  );
}
