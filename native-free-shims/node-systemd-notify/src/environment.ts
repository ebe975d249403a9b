// Whether variables of the service manager are meant for this process.

/** Those of sd_listen_fds(3), LISTEN_PIDFDID since systemd 259. */
export const LISTEN_VARIABLES = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'];

/**
 * True when the variable, a pid, names this process. With PrivatePIDs=yes systemd 257 gives the pid seen
 * from outside, in SYSTEMD_EXEC_PID as well, while the process sees itself as 1.
 */
export function namesUs(value: string, env: NodeJS.ProcessEnv, pid: number): boolean {
  return value === String(pid) || (pid === 1 && value === env.SYSTEMD_EXEC_PID);
}

let kept: NodeJS.ProcessEnv | null = null;

/** For the notifier of this process, which is made later and needs what is removed now. */
export function keepOwnEnvironment(): void {
  kept ??= { ...process.env };
}

export const ownEnvironment = (): NodeJS.ProcessEnv => kept ?? process.env;
