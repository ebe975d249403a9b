// Node reports each module that it loads as a message to its parent if WATCH_REPORT_DEPENDENCIES is set, as it is for
// `node --watch`. These are hundreds of messages, and only a few name files that somebody edits.
import { subscribe } from 'node:diagnostics_channel';
import type { NewProcess } from './node-internals.js';

const VARIABLE = 'WATCH_REPORT_DEPENDENCIES=';

/**
 * Sends only the reports that name such a file, each file once. All of them would fill the channel, and messages that
 * still wait when an exception ends the process are lost, also the one about the exception.
 */
export function filterModuleReports(): void {
  const { send } = process;
  const sendOn = (...args: unknown[]) => !send || Reflect.apply(send, process, args);
  const sent = new Set<string>();
  const isNews = (name: unknown) => {
    if (typeof name !== 'string' || name.startsWith('node:')) return false;
    if (name.includes('/node_modules/') || sent.has(name)) return false;
    sent.add(name);
    return true;
  };
  process.send = (message: Record<string, unknown>, ...rest: unknown[]) => {
    for (const kind of ['watch:import', 'watch:require']) {
      const names = message?.[kind];
      if (!Array.isArray(names)) continue;
      const news = names.filter(isNews);
      return news.length === 0 || sendOn({ [kind]: news }, ...rest);
    }
    return sendOn(message, ...rest);
  };
}

/**
 * Removes the variable from the environment of child processes, which would report to an app that does not expect it.
 * Calls back when a child may be a part of the app, because it has a channel or is a Node: it loads files unseen.
 */
export function hideFromChildren(onAppProcess: () => void): void {
  // The message comes when the object is created: its environment is fixed, but not used yet.
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: NewProcess };
    const { spawn } = child;
    child.spawn = function (options) {
      options.envPairs = options.envPairs?.filter((pair) => !pair.startsWith(VARIABLE));
      const result = spawn.call(this, options);
      if (this.channel || /(^|\/)(node|bun|deno)$/.test(this.spawnfile)) onAppProcess();
      return result;
    };
  });
}
