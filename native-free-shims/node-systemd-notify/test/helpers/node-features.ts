// What this machine or the Node that runs the tests lacks, as the reason to skip a test.
import { existsSync } from 'node:fs';

export const noFfi =
  Number(process.versions.node.split('.')[0]) >= 26
    ? false
    : 'only Node 26 and later have node:ffi';

export const noTool = existsSync('/usr/bin/systemd-notify') ? false : 'no systemd-notify here';
