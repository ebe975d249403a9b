// The client commands: ask the master, print the answer, choose the exit status.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { ask, NoInstance } from '../control/client.js';
import { controlPaths, serviceControlPaths } from '../control/control-path.js';
import type { ControlReply, ControlRequest } from '../control/protocol.js';
import { EXIT, UsageError } from '../errors.js';
import { statusTable } from '../status/status-table.js';
import { blaming, readConfig } from './load-config.js';
import { instanceName, logicalDirectory } from './options.js';
import type { ClientOptions, Invocation } from './program.js';
import { parseWorkers } from './values.js';

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
  const { control, called, cwd } = await whichInstance(invocation.options, env);
  try {
    const reply =
      control === undefined
        ? await askByName(called, request, env, uid)
        : await ask([resolve(cwd, control)], request);
    return show(invocation, reply, output);
  } catch (error) {
    if (error instanceof NoInstance) {
      const which = control ?? `named ${called}`;
      output.err(`graceful-run: no running instance ${which} (${error.message})`);
      return EXIT.noInstance;
    }
    output.err(`graceful-run: ${(error as Error).message}`);
    return EXIT.failure;
  }
}

/**
 * By option, by variable, or by the config file that a master here would read. That is left alone where it is not
 * needed: whoever says which instance may stop it, be the file broken or not.
 */
async function whichInstance(options: ClientOptions, env: NodeJS.ProcessEnv) {
  const { name, control = env.GRACEFUL_RUN_CONTROL } = options;
  const here = logicalDirectory(env);
  if (control !== undefined || name !== undefined) {
    return instance(name ?? env.GRACEFUL_RUN_NAME, control, here);
  }
  const cwd = env.GRACEFUL_RUN_CWD;
  const config = options.config ?? env.GRACEFUL_RUN_CONFIG;
  const found = await readConfig({ cwd, config }, env, 'run');
  const values: ClientOptions & { readonly cwd?: string } = found?.values ?? {};
  const decided = Object.keys(values).filter((key) => key !== 'name' || !env.GRACEFUL_RUN_NAME);
  return blaming(found && { label: found.label, decided }, () =>
    instance(
      env.GRACEFUL_RUN_NAME ?? values.name,
      values.control,
      resolve(here, cwd ?? values.cwd ?? ''),
    ),
  );
}

function instance(name: string | undefined, control: string | undefined, cwd: string) {
  if (control === 'none') {
    const hint = 'kill -HUP <pid> reloads, kill -TERM <pid> stops';
    throw new UsageError('--control none: there is no socket to ask; send signals', hint);
  }
  return { control, called: instanceName(name, cwd), cwd };
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

/** The user's own instance, else the service of that name. */
async function askByName(
  name: string,
  request: ControlRequest,
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<ControlReply> {
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

/** Without what the reason says as well. */
function lastLines({ reason = '', output = [] }: ControlReply): string[] {
  // The first of them follows how the worker ended.
  const said = new Set(reason.split('\n').map((line) => line.trim()));
  const first = reason.split('\n', 1)[0] ?? '';
  const isNew = (line: string) => !said.has(line) && !first.endsWith(`: ${line}`);
  const lines = output.filter((line) => line.trim() !== '' && isNew(line.trim()));
  return lines.length === 0
    ? []
    : ['last lines of the worker:', ...lines.map((line) => `  ${line}`)];
}

function show({ command, options }: ClientInvocation, reply: ControlReply, output: Output): number {
  if (!reply.ok) {
    const kept =
      command === 'reload' && reply.serving ? `, generation ${reply.serving} keeps serving` : '';
    output.err(`graceful-run: ${command} failed${kept}: ${reply.reason ?? 'no reason given'}`);
    for (const line of lastLines(reply)) output.err(line);
    return EXIT.failure;
  }
  if (reply.status) {
    output.out(options.json ? JSON.stringify(reply.status, null, 2) : statusTable(reply.status));
  } else if (command === 'reload') {
    output.out(options.wait === false ? 'reload begun' : `generation ${reply.generation} serves`);
  }
  return EXIT.ok;
}
