// The preload: runs in the user's process, before its code, on whatever version of Node that is. It makes an
// unmodified server listen on the sockets of the master, and lets the worker drain without losing a connection.
// The build bundles it into one CommonJS file, because each boot of a worker loads it. Until the worker is retired it
// does nothing per connection and nothing per request.
import { readFileSync } from 'node:fs';
import { CONFIG_VARIABLE, type PreloadConfig } from '../../src/ipc-protocol.js';
import { parseStat } from '../../src/linux/proc-process.js';

const json = process.env[CONFIG_VARIABLE];
if (json && isMainThread()) {
  const config = readConfig(json, process.env);
  setListenPid(config.masterPid, process.env);
  // Required only now, so that threads do not load it.
  const { reportWrongProcess, start } = require('./start.js') as typeof import('./start.js');
  // Only the process that the master started is a worker: its children have sockets of their own.
  if (process.env.LISTEN_PID === String(process.pid)) start(config);
  else reportWrongProcess();
}

/** Only the main thread has the channel. node:worker_threads, which always knows, takes a millisecond to load. */
function isMainThread(): boolean {
  return process.connected || process.getBuiltinModule('node:worker_threads').isMainThread;
}

/** Reads the configuration, and restores the environment that the user made. */
function readConfig(text: string, env: NodeJS.ProcessEnv): PreloadConfig {
  const config: PreloadConfig = JSON.parse(text);
  delete env[CONFIG_VARIABLE];
  // A script may have put something in front of it.
  const rest = (env.NODE_OPTIONS ?? '').replace(`${config.nodeOptions} `, '');
  env.NODE_OPTIONS = rest.replace(config.nodeOptions, '');
  if (env.NODE_OPTIONS === '') delete env.NODE_OPTIONS;
  return config;
}

/**
 * Replaces the exec shim, which would cost each boot of Node a millisecond: sets LISTEN_PID, and exits if the master
 * has died meanwhile.
 */
function setListenPid(masterPid: number, env: NodeJS.ProcessEnv): void {
  if (env.LISTEN_PID !== undefined) return;
  if (process.ppid === masterPid) env.LISTEN_PID = String(process.pid);
  else if (!isDescendantOf(masterPid)) process.exit(0);
}

/** False for a dead ancestor, even if it is still a zombie: the kernel has given its children another parent. */
function isDescendantOf(ancestor: number): boolean {
  try {
    for (let pid = process.ppid; pid > 0; ) {
      if (pid === ancestor) return true;
      const [, parent] = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
      pid = Number(parent);
    }
    return false;
  } catch {
    // It cannot be found out, and a worker that exits by mistake serves no client.
    return true;
  }
}
