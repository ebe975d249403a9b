// Lines that are typed at the terminal of `dev`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS_HELP, COMMANDS_LINE, parseCommand } from '../../src/dev/commands.js';

test('a line is a command, nothing, or unknown', () => {
  const rows: [line: string, command: string | null][] = [
    ['r', 'reload'],
    ['rs', 'reload'],
    [' s ', 'status'],
    ['c', 'clear'],
    ['h', 'help'],
    ['?', 'help'],
    ['q\r', 'quit'],
    ['', null],
    [' \t', null],
    ['R', 'unknown'],
    ['reload now', 'unknown'],
    ['\x1b[A', 'unknown'],
    ['constructor', 'unknown'],
  ];
  for (const [line, command] of rows) assert.equal(parseCommand(line), command, line);
});

test('the help names each command, in ASCII and at most 80 columns', () => {
  for (const line of [...COMMANDS_HELP.split('\n'), COMMANDS_LINE]) {
    assert.match(line, /^[ -~]{0,80}$/);
  }
  for (const letter of ['r', 's', 'c', 'h', 'q']) {
    assert.match(COMMANDS_HELP, new RegExp(`^  press ${letter} \\+ enter to `, 'm'));
  }
});
