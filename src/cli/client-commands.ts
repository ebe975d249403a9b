// The client commands: sends the request to the master, prints the answer, and chooses the exit status.
import { availableParallelism } from 'node:os';
import { NoInstanceError, sendControlRequest } from '../control/client.js';
import type { ControlReply, ControlRequest } from '../control/protocol.js';
import { controlPaths, serviceControlPaths } from '../control/socket-path.js';
import { describeError, EXIT } from '../errors.js';
import { statusTable } from '../status/table.js';
import { withLastLines } from '../text/exception-text.js';
import { escapeJsonControls } from '../text/sanitize.js';
import type { ClientInvocation } from './commands.js';
import { findInstances, type Instance } from './find-instance.js';
import { parseWorkers } from './parse-values.js';
import { print, printError } from './stdio.js';

/** Runs a client command. Resolves with the exit status. Throws UsageError. */
export async function runClient(
  invocation: ClientInvocation,
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<number> {
  const { json = false, wait, now, ...commandLine } = invocation.options;
  const request = requestOf(invocation);
  const absent: string[] = [];
  const problems: string[] = [];
  for await (const instance of findInstances(commandLine, env)) {
    absent.push(instance.label);
    for (const { paths, owner } of placesOf(instance, env, uid)) {
      try {
        return printReply(request, await sendControlRequest(paths, request, owner), json);
      } catch (error) {
        if (!(error instanceof NoInstanceError)) {
          printError(`graceful-run: ${describeError(error)}`);
          return EXIT.failure;
        }
        problems.push(error.message);
      }
    }
  }
  const which = absent.join(' or ');
  printError(`graceful-run: no running instance ${which} (${problems.join('; ')})`);
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
      return { command, size: parseWorkers(size, availableParallelism(), 'scale') };
    default:
      return command satisfies never;
  }
}

interface Place {
  readonly paths: readonly string[];
  /** Only directories of this user or of root are trusted; null where anybody's are. */
  readonly owner: number | null;
}

/** Without a path: the user's own instance of that name, else the service of that name. */
function placesOf({ control, name }: Instance, env: NodeJS.ProcessEnv, uid: number): Place[] {
  if (control !== undefined) return [{ paths: [control], owner: null }];
  return [
    { paths: controlPaths(name, env, uid), owner: uid },
    { paths: serviceControlPaths(name), owner: null },
  ];
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
