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
import type { Output } from './stdio.js';

/** Runs a client command. Resolves with the exit status. Throws UsageError. */
export async function runClient(
  { command, options, size }: ClientInvocation,
  env: NodeJS.ProcessEnv,
  uid: number,
  output: Output,
): Promise<number> {
  const { json = false, wait = true, now = false, ...commandLine } = options;
  const request = toRequest({ command, wait, now, size });
  const absent: string[] = [];
  const problems: string[] = [];
  for await (const instance of findInstances(commandLine, env)) {
    try {
      return printReply(request, await askInstance(instance, request, env, uid), json, output);
    } catch (error) {
      if (!(error instanceof NoInstanceError)) {
        output.err(`graceful-run: ${describeError(error)}`);
        return EXIT.failure;
      }
      absent.push(instance.label);
      problems.push(error.message);
    }
  }
  const which = absent.join(' or ');
  output.err(`graceful-run: no running instance ${which} (${problems.join('; ')})`);
  return EXIT.noInstance;
}

interface RequestParts {
  readonly command: ClientInvocation['command'];
  readonly wait: boolean;
  readonly now: boolean;
  readonly size: string | undefined;
}

function toRequest({ command, wait, now, size = '' }: RequestParts): ControlRequest {
  switch (command) {
    case 'reload':
      return { command, wait };
    case 'status':
      return { command };
    case 'stop':
      return { command, now };
    case 'scale':
      return { command, size: parseWorkers(size, availableParallelism(), 'scale') };
    default:
      return command satisfies never;
  }
}

/** Without a path: asks the user's own instance of that name, else the service of that name. */
async function askInstance(
  { control, name }: Instance,
  request: ControlRequest,
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<ControlReply> {
  if (control !== undefined) return sendControlRequest([control], request);
  try {
    return await sendControlRequest(controlPaths(name, env, uid), request, uid);
  } catch (error) {
    if (!(error instanceof NoInstanceError)) throw error;
    return await sendControlRequest(serviceControlPaths(name), request).catch((other: Error) => {
      throw other instanceof NoInstanceError
        ? new NoInstanceError(`${error.message}; ${other.message}`)
        : other;
    });
  }
}

function printReply(
  request: ControlRequest,
  reply: ControlReply,
  json: boolean,
  output: Output,
): number {
  const { command } = request;
  if (!reply.ok) {
    const [reason, ...more] = withLastLines(reply.reason ?? 'no reason given', reply.output ?? []);
    output.err(`graceful-run: ${command} ${verdictOf(command, reply)}: ${reason}`);
    for (const line of more) output.err(line);
    return EXIT.failure;
  }
  if (reply.status) {
    const { status } = reply;
    output.out(json ? escapeJsonControls(JSON.stringify(status, null, 2)) : statusTable(status));
  } else if (command === 'reload') {
    output.out(request.wait ? `generation ${reply.generation} serves` : 'reload started');
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
