// Which systemd knows which key. A key that it does not know would be a warning in the journal at each start.

/** Assumed where no systemd is installed: that of Debian 12. A unit for it is right for all newer ones. */
export const ASSUMED_SYSTEMD = 252;

/**
 * From the version history in systemd.exec(5), systemd.service(5) and NEWS. Older keys are not listed: RHEL 8, the oldest
 * distribution that runs Node 20, has 239.
 */
const SINCE: Readonly<Record<string, number>> = {
  RestrictSUIDSGID: 242,
  ProtectHostname: 242,
  OOMPolicy: 243,
  ProtectKernelLogs: 244,
  ProtectClock: 245,
  ProtectProc: 247,
  OpenFile: 253,
  // The key is older, but not `systemd-notify --fd`, which puts a descriptor into the store without native code.
  FileDescriptorStoreMax: 254,
  RestartSteps: 254,
  RestartMaxDelaySec: 254,
};

export function knows(systemd: number, key: string): boolean {
  return systemd >= (SINCE[key] ?? 0);
}
