// How the client commands call an instance that is not there. Their other answers are told end to end.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { runClient } from '../../src/cli/client-commands.js';
import type { ClientOptions } from '../../src/cli/parse-command-line.js';
import { scratch } from '../helpers/supervisor.js';

test('the instance is called as the user called it, by option or by variable', async (t) => {
  const XDG_RUNTIME_DIR = scratch(t);
  const path = `${XDG_RUNTIME_DIR}/x.sock`;
  const rows: [options: ClientOptions, env: NodeJS.ProcessEnv, called: string][] = [
    [{}, {}, `named ${basename(process.cwd())}`],
    [{ name: 'web' }, { GRACEFUL_RUN_NAME: 'other' }, 'named web'],
    [{}, { GRACEFUL_RUN_NAME: 'other' }, 'named other'],
    [{ control: path }, { GRACEFUL_RUN_CONTROL: '/other' }, path],
    [{}, { GRACEFUL_RUN_CONTROL: path }, path],
  ];
  for (const [options, env, called] of rows) {
    const { mock } = t.mock.method(process.stderr, 'write', () => true);
    const invocation = {
      kind: 'client' as const,
      command: 'status' as const,
      options,
      size: undefined,
    };
    // A uid that nobody has: its directory under /tmp cannot be there.
    const status = await runClient(invocation, { XDG_RUNTIME_DIR, ...env }, 4_000_000_000);
    const said = mock.calls.map((call) => String(call.arguments[0]));
    mock.restore();
    assert.equal(status, 3);
    assert.equal(said.length, 1);
    assert.ok(said[0]?.startsWith(`graceful-run: no running instance ${called} (`), said[0]);
  }
});
