// Which systemd knows which key: the only place. A key that a version does not know is not printed.

/** RHEL 8, the oldest distribution that runs Node 20; `SystemCallFilter=@system-service` needs it too. */
export const OLDEST_SYSTEMD = 239;
/** Where there is none to ask: that of Debian 12. What is right for it is right for all newer ones. */
export const ASSUMED_SYSTEMD = 252;

/** From the version history in systemd.exec(5), systemd.service(5) and NEWS; older keys are not listed. */
const SINCE: Readonly<Record<string, number>> = {
  RestrictSUIDSGID: 242,
  ProtectHostname: 242,
  OOMPolicy: 243,
  ProtectKernelLogs: 244,
  ProtectClock: 245,
  ProtectProc: 247,
  OpenFile: 253,
  // The key is older; what can put a descriptor into the store without native code is not (systemd-notify --fd).
  FileDescriptorStoreMax: 254,
  RestartSteps: 254,
  RestartMaxDelaySec: 254,
};

export function knows(systemd: number, key: string): boolean {
  return systemd >= (SINCE[key] ?? OLDEST_SYSTEMD);
}

/** The number in `252`, `v252`, `252.39` and in the first line of `systemctl --version`; null for others. */
export function readVersion(text: string): number | null {
  const digits = /^(?:systemd )?v?(\d{3})(?![\d])/.exec(text.trim())?.[1];
  return digits === undefined ? null : Number(digits);
}
