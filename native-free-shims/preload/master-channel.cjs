'use strict';
// The way to the master: Node's IPC channel, in messages that the app never sees. A `cmd` that begins
// with NODE_ makes Node emit `internalMessage` instead of `message`, and does not keep the app alive.

const CMD = 'NODE_GRACEFUL_RUN';
/** Milliseconds between two looks at who our parent is, once the channel is closed. */
const LOOK_AGAIN = 100;

/** Opens the channel to the master with this pid. Sending never throws and never waits. */
function open(master) {
  const listeners = new Map();

  process.on('internalMessage', (message, handle) => {
    if (message?.cmd !== CMD) return;
    const listener = listeners.get(message.type);
    if (listener) listener(message, handle);
    else handle?.close?.();
  });

  return {
    /** Handlers by the `type` of the message. */
    on: (type, listener) => listeners.set(type, listener),

    get connected() {
      return process.connected === true;
    },

    send(message, handle) {
      if (!process.connected) return;
      try {
        process.send({ cmd: CMD, ...message }, handle, {}, () => {});
      } catch {
        // The master is gone, or the app closed the channel: there is nobody to tell.
      }
    },

    /** Keeps the process alive while the channel is open. */
    hold() {
      process.channel?.ref();
    },

    /** Calls back when the master is dead. An app that closes the channel itself is left alone. */
    onOrphaned(callback) {
      const look = () => {
        if (process.ppid === master) return false;
        callback();
        return true;
      };
      process.on('disconnect', () => {
        if (look()) return;
        // The kernel closes the descriptors of a dying process before it gives its children another
        // parent: the master may be dead already. Or it may die later.
        const timer = setInterval(() => look() && clearInterval(timer), LOOK_AGAIN).unref();
      });
      // Listening for `disconnect` would keep an app running that has nothing left to do.
      process.channel?.unref();
    },
  };
}

module.exports = { open };
