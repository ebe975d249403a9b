// Whether variables of the service manager are meant for this process.

/**
 * True when the value of a variable, a pid, means this process. With PrivatePIDs=yes systemd 257 gives the pid as
 * seen from outside, in SYSTEMD_EXEC_PID as well, while the process sees itself as 1.
 */
export function isOwnPid(value: string, env: NodeJS.ProcessEnv, pid: number): boolean {
  return value === String(pid) || (pid === 1 && value === env.SYSTEMD_EXEC_PID);
}
