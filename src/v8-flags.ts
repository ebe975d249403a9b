/**
 * V8 flags for the master, which does little and lives long: without compilers it needs 1 to 4 MiB less memory. They belong
 * on the command line of Node, because changing them at run time may crash the process (documentation of
 * v8.setFlagsFromString). bin/graceful-run.js passes them, and the ExecStart= of a systemd unit, which names Node and that
 * file, must pass them in front of the file. Workers do not inherit them: only fork() passes on process.execArgv. Node 20,
 * 22, 24 and 26 accept all of them.
 */
export const V8_FLAGS = [
  '--optimize-for-size',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--semi-space-growth-factor=1',
] as const;
