// What `npm run bench -- ...` understands, by commander.
import { Argument, Command, InvalidArgumentError } from 'commander';
import { choosePeers, slug } from './peers/index.js';
import type { Peer } from './peers/peer.js';
import type { Scenario } from './scenarios/scenario.js';

export interface Choice {
  readonly scenarios: readonly Scenario[];
  readonly peers: readonly Peer[];
  /** A path, or `-` for standard output instead of the tables. */
  readonly json: string | null;
  readonly write: boolean;
  readonly quick: boolean;
  readonly list: boolean;
}

/** Without them nothing could be compared. */
const ALWAYS = ['graceful-run', 'bare-node', 'graceful-run-dev'];

/** Throws CommanderError when help was shown or a word is wrong; either has been said by then. */
export function parseCommandLine(
  argv: readonly string[],
  scenarios: readonly Scenario[],
  peers: readonly Peer[],
): Choice {
  const names = scenarios.map(({ name }) => name);
  const command = new Command('npm run bench --')
    .description('Compares graceful-run with its peers on this machine, in this very run.')
    .addArgument(new Argument('[scenario...]', 'all when none is named').choices(names))
    .option('--peers <names>', 'these beside graceful-run and bare node: cluster,pm2', readPeers)
    .option('--json <file>', 'also as JSON; - for standard output, instead of the tables')
    .option('--write', 'also as a page, test/bench/RESULTS.md; of a whole run only')
    .option('--quick', 'only to see that the bench works: graceful-run, bare node, few rounds')
    .option('--list', 'only name the scenarios and the peers')
    .addHelpText('after', `\n${listing(scenarios, peers)}`)
    .exitOverride()
    .parse(argv, { from: 'user' });

  function readPeers(list: string): readonly Peer[] {
    try {
      return choosePeers(list.split(','), peers);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  }

  const { peers: asked, ...options } = command.opts<{
    peers?: readonly Peer[];
    json?: string;
    write?: true;
    quick?: true;
    list?: true;
  }>();
  const { json = null, write = false, quick = false, list = false } = options;
  const wanted = asked ?? (quick ? [] : peers);
  const choice = {
    scenarios: command.args.length === 0 ? scenarios : scenarios.filter(isIn(command.args)),
    peers: peers.filter((one) => ALWAYS.includes(slug(one)) || wanted.includes(one)),
    ...{ json, write, quick, list },
  };
  const isWhole =
    choice.scenarios.length === scenarios.length && choice.peers.length === peers.length;
  if (write && (quick || !isWhole)) {
    command.error(
      'error: --write is for a run of all scenarios with all peers: it replaces the published page',
    );
  }
  return choice;
}

export function listing(scenarios: readonly Scenario[], peers: readonly Peer[]): string {
  const width = Math.max(0, ...[...scenarios, ...peers].map(({ name }) => name.length));
  const line = ({ name, about }: { name: string; about: string }) =>
    `  ${name.padEnd(width)}  ${about}`;
  const named = (peer: Peer) => line({ ...peer, name: slug(peer) });
  return `Scenarios:\n${scenarios.map(line).join('\n')}\n\nPeers:\n${peers.map(named).join('\n')}\n`;
}

const isIn = (words: readonly string[]) => (scenario: Scenario) => words.includes(scenario.name);
