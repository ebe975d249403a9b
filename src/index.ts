// The public entry of the package: the type of a config file, and requests to a running master.
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
