// The package entry: what another program can ask of a running master.
export { ask, NoInstance } from './control/client.js';
export { controlPaths } from './control/control-path.js';
export type { ControlReply, ControlRequest } from './control/protocol.js';
export type { SocketReport, StatusReport, WorkerReport } from './status-report.js';
