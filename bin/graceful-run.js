#!/usr/bin/env node
// CommonJS, one file with all that a start needs: a third of the time of a start is the loading of modules.
'use strict';

require('../dist/src/graceful-run.cjs').main(process.argv.slice(2));
