// What this machine lacks, as the reason to skip a test.
import { existsSync } from 'node:fs';

export const noTool = existsSync('/usr/bin/systemd-notify') ? false : 'no systemd-notify here';
