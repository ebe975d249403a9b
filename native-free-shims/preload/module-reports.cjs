'use strict';
// Where the master watches what is loaded, Node reports each module as a message to the parent
// (WATCH_REPORT_DEPENDENCIES, as `node --watch` does): hundreds, of which a few are files that somebody edits.

const { subscribe } = require('node:diagnostics_channel');

const VARIABLE = 'WATCH_REPORT_DEPENDENCIES=';

/**
 * Sends those few only. All of them fill the channel, and what is still waiting when an exception ends the process
 * is lost, the exception first.
 */
function thinOut() {
  const { send } = process;
  const sent = new Set();
  const isNews = (name) => {
    if (typeof name !== 'string' || name.startsWith('node:')) return false;
    if (name.includes('/node_modules/') || sent.has(name)) return false;
    sent.add(name);
    return true;
  };
  process.send = function (message, ...rest) {
    for (const kind of ['watch:import', 'watch:require']) {
      const names = message?.[kind];
      if (!Array.isArray(names)) continue;
      const news = names.filter(isNews);
      return news.length === 0 || send.call(this, { [kind]: news }, ...rest);
    }
    return send.call(this, message, ...rest);
  };
}

/**
 * A process which the app starts for itself would report to the app, that expects nothing of the kind. Calls back when
 * one may be a part of the app, having a channel or being a Node: it loads unseen.
 */
function hideFromChildren(forked) {
  // Told of when the object is made; the environment is fixed by then, but not used yet.
  subscribe('child_process', ({ process: child }) => {
    const { spawn } = child;
    child.spawn = function (options) {
      const { envPairs } = options;
      options.envPairs = envPairs?.filter((pair) => !pair.startsWith(VARIABLE));
      const result = spawn.call(this, options);
      if (this.channel || /(^|\/)(node|bun|deno)$/.test(this.spawnfile)) forked();
      return result;
    };
  });
}

module.exports = { thinOut, hideFromChildren };
