// The weights as tables, and what graceful-run is held to. Pure.
import type { Peer } from '../../peers/peer.js';
import type { Usage } from '../../proc/usage.js';
import type { Budget, Cell, Table } from '../../report/report.js';
import { summarize } from '../../statistics.js';
import { spread as figure } from '../figures.js';

/** A contestant and the processes of its supervisor: idle at the start and at the end of a time, and later. */
export interface Weighed {
  readonly peer: Peer;
  readonly before: readonly Usage[];
  readonly idle: readonly Usage[];
  readonly idleMs: number;
  readonly reloads: number;
  /** After the reloads; null when it cannot reload. */
  readonly after: readonly Usage[] | null;
}

type Times = ReadonlyMap<Peer, readonly number[]>;

/** As the kernel counts memory, and as the size of a package is told. */
const MIB = 2 ** 20;
const MB = 1e6;
const MOST_PRIVATE_MIB = 12;
const MOST_OF_PM2 = 0.75;
const MOST_WAKE_UPS = 1;
const MOST_START_MS = 60;

export function tablesOf(weighed: readonly Weighed[], first: Times, wanted: number): Table[] {
  return [idleTable(weighed), reloadsTable(weighed, wanted), firstTable(first), sizeTable(first)];
}

function idleTable(weighed: readonly Weighed[]): Table {
  const seconds = (weighed[0]?.idleMs ?? 0) / 1000;
  return {
    title: 'Supervisor, idle',
    columns: [
      '',
      'processes',
      'resident, MiB',
      'private, MiB',
      'wake-ups/s',
      `CPU ms in ${seconds} s`,
    ],
    rows: weighed.flatMap((one) =>
      parts(one).map(({ name, of }): Cell[] => {
        const idle = of(one.idle);
        if (idle.length === 0) return [name, null, null, null, null, null];
        return [
          name,
          { median: idle.length },
          ...memory(idle),
          { median: wakeUps({ ...one, before: of(one.before), idle }), digits: 2 },
          { median: sum(idle, 'cpuMs') - sum(of(one.before), 'cpuMs'), digits: 1 },
        ];
      }),
    ),
    note:
      'All processes that serve no requests; the server has one worker and nobody asks it. Resident is VmRSS, ' +
      'shared pages of Node and libraries included; private is RssAnon. A wake-up is a context switch of any ' +
      'of their threads. All contestants are idle at the same time. Each was started once: memory is one sample at ' +
      'the end of that time.',
  };
}

function reloadsTable(weighed: readonly Weighed[], wanted: number): Table {
  return {
    title: 'Supervisor, after reloads',
    columns: ['', 'reloads', 'resident, MiB', 'private, MiB', 'private since idle, MiB'],
    rows: weighed.flatMap((one) =>
      parts(one).map(({ name, of }): Cell[] => {
        const [after, idle] = [of(one.after ?? []), of(one.idle)];
        if (after.length === 0) return [name, null, null, null, null];
        const growth = (sum(after, 'rssAnon') - sum(idle, 'rssAnon')) / MIB;
        return [name, { median: one.reloads }, ...memory(after), { median: growth, digits: 1 }];
      }),
    ),
    note:
      `${wanted} were wanted; all reload at the same time, and whoever is too slow has fewer. Memory is one sample ` +
      'after the last.',
  };
}

function firstTable(first: Times): Table {
  return {
    title: 'Command to first answer',
    columns: ['', 'ms', 'rounds'],
    rows: [...first].map(([{ name }, times]) => [name, figure(times, 1), { median: times.length }]),
    note: 'From the start of the command that a user types to the first answer over HTTP, by turns.',
  };
}

function sizeTable(first: Times): Table {
  return {
    title: 'Installed',
    columns: ['', 'MB', 'packages'],
    rows: [...first.keys()].map((peer) => {
      const size = peer.installed();
      if (!size) return [peer.name, 'comes with Node', null];
      return [peer.name, { median: size.bytes / MB, digits: 1 }, { median: size.packages }];
    }),
    note:
      'Bytes of the files of the package and of all that it needs, and the number of packages; counted once. The ' +
      'interpreters are left out: Node, and Perl with its modules package.',
  };
}

export function budgetsOf(weighed: readonly Weighed[], first: Times): Budget[] {
  const own = weighed.find(({ peer }) => peer.name === 'graceful-run');
  if (!own) return [];
  const master = (usages: readonly Usage[] | null) => privateMib(onlyNode(usages ?? []));
  const most = { unit: 'MiB', kind: 'at most', limit: MOST_PRIVATE_MIB, digits: 1 } as const;
  const budgets: Budget[] = [
    { what: 'private memory of the master, idle', measured: master(own.idle), ...most },
    {
      ...{ what: 'private memory of the master after the reloads', ...most },
      measured: master(own.after),
    },
    {
      ...{
        what: 'wake-ups a second of the whole supervisor, idle',
        measured: wakeUps(own),
        unit: '',
      },
      ...{ kind: 'at most', limit: MOST_WAKE_UPS, digits: 2 },
    },
  ];
  const pm2 = privateMib(weighed.find(({ peer }) => peer.name === 'pm2')?.idle ?? []);
  if (!Number.isNaN(pm2)) {
    budgets.push({
      what: "private memory of the whole supervisor against pm2's daemon, idle",
      measured: privateMib(own.idle) / pm2,
      ...{ unit: '', kind: 'at most', limit: MOST_OF_PM2, digits: 2 },
    });
  }
  const median = (name: string) => {
    const [, times = []] = [...first].find(([peer]) => peer.name === name) ?? [];
    return summarize(times).median;
  };
  budgets.push({
    what: 'command to first answer, more than bare node',
    measured: median('graceful-run') - median('bare node'),
    ...{ unit: 'ms', kind: 'at most', limit: MOST_START_MS, digits: 1 },
  });
  return budgets;
}

/** The supervisor, and its Node process by itself where there are others. */
function parts({ peer, idle }: Weighed) {
  const all = { name: peer.name, of: (usages: readonly Usage[]) => usages };
  const nodes = onlyNode(idle).length;
  if (nodes === 0 || nodes === idle.length) return [all];
  return [all, { name: `${peer.name}, its Node process alone`, of: onlyNode }];
}

const onlyNode = (usages: readonly Usage[]) => usages.filter(({ isNode }) => isNode);

const memory = (usages: readonly Usage[]): Cell[] =>
  (['rss', 'rssAnon'] as const).map((what) => ({ median: sum(usages, what) / MIB, digits: 1 }));

/** NaN, which meets no budget, without a process that was weighed. */
const privateMib = (usages: readonly Usage[]) =>
  usages.length === 0 ? Number.NaN : sum(usages, 'rssAnon') / MIB;

function wakeUps({ before, idle, idleMs }: Weighed): number {
  if (idle.length === 0 || before.length !== idle.length) return Number.NaN;
  return ((sum(idle, 'contextSwitches') - sum(before, 'contextSwitches')) * 1000) / idleMs;
}

function sum(usages: readonly Usage[], what: 'rss' | 'rssAnon' | 'contextSwitches' | 'cpuMs') {
  return usages.reduce((all, one) => all + one[what], 0);
}
