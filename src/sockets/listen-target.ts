// Which held socket a worker's `listen()` names. The rule is that of the preload, and is written there.
import { createRequire } from 'node:module';
import type { Target } from '../ipc-protocol.js';
import { inPackage } from '../package-root.js';
import type { HeldSocket } from './held-socket.js';

interface TargetModule {
  match<T extends object>(sockets: readonly T[], target: Target, nth?: number): T | undefined;
}

const require = createRequire(import.meta.url);
const { match } = require(inPackage('native-free-shims/preload/listen-target.cjs')) as TargetModule;

export function matchSocket(
  sockets: readonly HeldSocket[],
  target: Target,
): HeldSocket | undefined {
  return match(sockets, target, 'nth' in target ? target.nth : undefined);
}
