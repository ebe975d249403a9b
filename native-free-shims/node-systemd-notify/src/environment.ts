// Whether variables of the service manager are meant for this process.

/** The variables of sd_listen_fds(3), LISTEN_PIDFDID since systemd 259. */
export const LISTEN_VARIABLES = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'];

/**
 * True when the value of a variable, a pid, means this process. With PrivatePIDs=yes systemd 257 gives the pid as
 * seen from outside, in SYSTEMD_EXEC_PID as well, while the process sees itself as 1.
 */
export function isOwnPid(value: string, env: NodeJS.ProcessEnv, pid: number): boolean {
  return value === String(pid) || (pid === 1 && value === env.SYSTEMD_EXEC_PID);
}

let saved: NodeJS.ProcessEnv | null = null;

/** Saves the variables before they are removed, for the notifier of this process, which may be made later. */
export function saveEnvironment(): void {
  saved ??= { ...process.env };
}

export const originalEnvironment = (): NodeJS.ProcessEnv => saved ?? process.env;
