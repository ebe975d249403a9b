// `graceful-run/worker`: for apps that take part in their own replacement. Every part does nothing when the app runs
// without graceful-run.
export { ready } from './ready.js';
export { onRetire, type RetireOptions, type Retiring, retiring } from './retire.js';
export { type PassedSocket, sockets } from './sockets.js';
