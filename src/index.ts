// The package entry: what another program can ask of a running master, and the shape of a config file.
export { type Config, defineConfig, type MakeConfig, type Settings, type Time } from './config.js';
export { ask, NoInstance } from './control/client.js';
export { controlPaths } from './control/control-path.js';
export type { ControlReply, ControlRequest } from './control/protocol.js';
export type { SocketReport, StatusReport, WorkerReport } from './status-report.js';
