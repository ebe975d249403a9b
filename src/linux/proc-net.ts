// The parser of /proc/net, shared with node-systemd-notify, which must be usable without graceful-run.
export {
  parseTcp,
  parseUnix,
  TCP_STATE,
  UNIX_STATE,
  type UnixRow,
} from 'node-systemd-notify/linux';
