// The package entry: what another program can ask of a running master, and the shape of a config file.
export {
  type Config,
  type ConfigFactory,
  type Duration,
  defineConfig,
  type Settings,
} from './cli/config/schema.js';
export { NoInstanceError, sendControlRequest } from './control/client.js';
export type { ControlReply, ControlRequest } from './control/protocol.js';
export { controlPaths } from './control/socket-path.js';
export type { SocketReport, StatusReport, WorkerReport } from './status/report-types.js';
