#!/bin/sh
':' //; exec node --optimize-for-size --no-opt --no-maglev --no-sparkplug --semi-space-growth-factor=1 -- "$0" "$@"
// A shell script that starts Node with V8 flags (see src/v8-flags.ts), and CommonJS that Node runs: to the shell the line
// above is a command without effect and then `exec`, to Node it is a string and a comment. `#!/usr/bin/env -S` could pass
// flags as well, but the env of BusyBox has no -S. The command is one bundled file because a third of the time of a start
// is the loading of modules.
'use strict';

require('../dist/src/graceful-run.cjs').main(process.argv.slice(2));
