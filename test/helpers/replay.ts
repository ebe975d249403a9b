// `npm run replay <file>`: prints what a master did, from a file of --record or a debug log in JSON.
import { readFileSync } from 'node:fs';
import { parseRecording, transcriptOf, violationIn } from '../core/recording.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: npm run replay <file that --record wrote, or a JSON log of level debug>');
  process.exit(2);
}
try {
  const recording = parseRecording(readFileSync(file, 'utf8'));
  console.log(transcriptOf(recording).join('\n'));
  const violation = violationIn(recording);
  if (violation !== null) {
    console.error(violation);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`${file}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
