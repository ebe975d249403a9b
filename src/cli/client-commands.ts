// The client commands: ask the master, print the answer, choose the exit status.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { ask, NoInstance } from '../control/client.js';
import type { ControlReply, ControlRequest } from '../control/protocol.js';
import { controlPaths, serviceControlPaths } from '../control/socket-path.js';
import { EXIT } from '../errors.js';
import { statusTable } from '../status/table.js';
import { tameJson } from '../text/sanitize.js';
import type { Invocation } from './commands.js';
import { type Instance, instancesMeant } from './find-instance.js';
import { parseWorkers } from './parse-values.js';
import { verdict } from './verdict.js';

type ClientInvocation = Extract<Invocation, { kind: 'client' }>;

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** Resolves with the exit status. Throws UsageError. */
export async function runClient(
  invocation: ClientInvocation,
  env: NodeJS.ProcessEnv,
  uid: number,
  output: Output,
): Promise<number> {
  const request = toRequest(invocation);
  const absent: string[] = [];
  const problems: string[] = [];
  for await (const one of instancesMeant(invocation.options, env)) {
    try {
      return show(invocation, await askInstance(one, request, env, uid), output);
    } catch (error) {
      if (!(error instanceof NoInstance)) {
        output.err(`graceful-run: ${(error as Error).message}`);
        return EXIT.failure;
      }
      absent.push(one.control ?? `named ${one.called}`);
      problems.push(error.message);
    }
  }
  const which = absent.join(' or ');
  output.err(`graceful-run: no running instance ${which} (${problems.join('; ')})`);
  return EXIT.noInstance;
}

function toRequest({ command, options, size }: ClientInvocation): ControlRequest {
  switch (command) {
    case 'reload':
      return { command, wait: options.wait ?? true };
    case 'status':
      return { command };
    case 'stop':
      return { command, now: options.now ?? false };
    case 'scale':
      return { command, size: parseWorkers(size ?? '', availableParallelism(), 'scale') };
    default:
      return command satisfies never;
  }
}

/** By its name: the user's own instance, else the service of that name. */
async function askInstance(
  { control, called: name, cwd }: Instance,
  request: ControlRequest,
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<ControlReply> {
  if (control !== undefined) return ask([resolve(cwd, control)], request);
  try {
    return await ask(controlPaths(name, env, uid), request, uid);
  } catch (error) {
    if (!(error instanceof NoInstance)) throw error;
    return await ask(serviceControlPaths(name), request).catch((other: Error) => {
      throw other instanceof NoInstance
        ? new NoInstance(`${error.message}; ${other.message}`)
        : other;
    });
  }
}

function show({ command, options }: ClientInvocation, reply: ControlReply, output: Output): number {
  if (!reply.ok) {
    const kept =
      command === 'reload' && reply.serving ? `, generation ${reply.serving} keeps serving` : '';
    const [reason, ...more] = verdict(reply.reason ?? 'no reason given', reply.output ?? []);
    output.err(`graceful-run: ${command} failed${kept}: ${reason}`);
    for (const line of more) output.err(line);
    return EXIT.failure;
  }
  if (reply.status) {
    const { status } = reply;
    output.out(options.json ? tameJson(JSON.stringify(status, null, 2)) : statusTable(status));
  } else if (command === 'reload') {
    output.out(options.wait === false ? 'reload begun' : `generation ${reply.generation} serves`);
  }
  return EXIT.ok;
}
