'use strict';
// The debugger of this process, with --inspect: on a port of its own, which only the master has to know. Whoever
// debugs comes through the master, and finds the newest generation there.

function open(channel) {
  try {
    const inspector = require('node:inspector');
    // The command may have opened one already.
    if (inspector.url() === undefined) inspector.open(0, '127.0.0.1');
    channel.send({ type: 'inspector', port: Number(new URL(inspector.url()).port) });
  } catch (error) {
    channel.send({ type: 'inspector', port: null });
    channel.send({ type: 'warning', text: `--inspect: no debugger: ${error?.message ?? error}` });
  }
  // Node would not leave before everybody has gone who debugs it.
  process.on('exit', () => channel.send({ type: 'inspector', port: null }));
}

module.exports = { open };
