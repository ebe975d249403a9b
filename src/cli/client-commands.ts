// The client commands: sends the request to the master, prints the answer, and chooses the exit status.
import { NoInstanceError, sendControlRequest } from '../control/client.js';
import type { ControlReply, ControlRequest } from '../control/protocol.js';
import { describeError, EXIT } from '../errors.js';
import { statusTable } from '../status/table.js';
import { withLastLines } from '../text/exception-text.js';
import { escapeJsonControls } from '../text/sanitize.js';
import { findInstances } from './find-instance.js';
import type { ClientInvocation } from './parse-command-line.js';
import { parseWorkers } from './parse-values.js';
import { print, printError } from './stdio.js';

/** Runs a client command. Resolves with the exit status. Throws UsageError. */
export async function runClient(
  invocation: ClientInvocation,
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<number> {
  const { options } = invocation;
  const request = requestOf(invocation);
  const labels = new Set<string>();
  const problems = new Set<string>();
  for (const { label, paths, owner } of await findInstances(options, env, uid)) {
    labels.add(label);
    try {
      const reply = await sendControlRequest(paths, request, owner);
      return printReply(request, reply, options.json ?? false);
    } catch (error) {
      if (!(error instanceof NoInstanceError)) {
        printError(`graceful-run: ${describeError(error)}`);
        return EXIT.failure;
      }
      problems.add(error.message);
    }
  }
  const which = [...labels].join(' or ');
  printError(`graceful-run: no running instance ${which} (${[...problems].join('; ')})`);
  return EXIT.noInstance;
}

function requestOf({ command, options, size = '' }: ClientInvocation): ControlRequest {
  switch (command) {
    case 'reload':
      return { command, wait: options.wait ?? true };
    case 'status':
      return { command };
    case 'stop':
      return { command, now: options.now ?? false };
    case 'scale':
      return { command, size: parseWorkers(size, 'scale') };
    default:
      return command satisfies never;
  }
}

function printReply(request: ControlRequest, reply: ControlReply, json: boolean): number {
  const { command } = request;
  if (!reply.ok) {
    const [reason, ...more] = withLastLines(reply.reason ?? 'no reason given', reply.output ?? []);
    printError(`graceful-run: ${command} ${verdictOf(command, reply)}: ${reason}`);
    for (const line of more) printError(line);
    return EXIT.failure;
  }
  if (reply.status) {
    const { status } = reply;
    print(json ? escapeJsonControls(JSON.stringify(status, null, 2)) : statusTable(status));
  } else if (command === 'reload') {
    print(request.wait ? `generation ${reply.generation} serves` : 'reload started');
  }
  return EXIT.ok;
}

/** Only after a failed reload does it help to know that the old generation keeps serving. */
function verdictOf(command: string, { refused, cancelled, serving }: ControlReply): string {
  if (refused) return 'refused';
  if (cancelled) return 'cancelled';
  const isKept = command === 'reload' && serving !== undefined;
  return isKept ? `failed, generation ${serving} keeps serving` : 'failed';
}
