// What this package reads from the kernel, for graceful-run, which is built with it. Not part of the public API.
export { now } from './monotonic-clock.js';
export { isPrivateDirectory } from './private-directory.js';
export {
  parseTcp,
  parseUnix,
  TCP_STATE,
  type TcpRow,
  UNIX_STATE,
  type UnixRow,
} from './proc-net.js';
