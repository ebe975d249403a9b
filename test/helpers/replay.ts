// `npm run replay <file>`: prints what a master did, from a file of --record or a debug log in JSON.
import { readFileSync } from 'node:fs';
import {
  parseRecording,
  type Recording,
  settingOf,
  transcriptOf,
  violationIn,
} from '../core/recording.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: npm run replay <file that --record wrote, or a JSON log of level debug>');
  process.exit(2);
}
const recording = read(file);
for (const line of transcriptOf(recording)) console.log(line);
console.log(settingOf(recording));
const violation = violationIn(recording);
if (violation !== null) {
  console.error(violation);
  process.exitCode = 1;
}

function read(path: string): Recording {
  try {
    return parseRecording(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`${path}: ${error instanceof Error ? error.message : error}`);
    process.exit(2);
  }
}
