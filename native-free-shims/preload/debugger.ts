// The debugger of this process, with --inspect: on a port of its own that only the master needs to know. Debuggers
// connect through the master, which leads them to the newest generation.
import type { MasterChannel } from './master-channel.js';

export function openDebugger(channel: MasterChannel): void {
  try {
    const inspector = process.getBuiltinModule('node:inspector');
    // The command may have opened one already.
    if (inspector.url() === undefined) inspector.open(0, '127.0.0.1');
    channel.send({ type: 'inspector', port: Number(new URL(inspector.url() ?? '').port) });
  } catch (error) {
    channel.send({ type: 'inspector', port: null });
    const problem = error instanceof Error ? error.message : String(error);
    channel.send({ type: 'warning', text: `--inspect: no debugger: ${problem}` });
  }
  // Node would not exit before every debugger has disconnected.
  process.on('exit', () => channel.send({ type: 'inspector', port: null }));
}
