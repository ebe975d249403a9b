// A run as a page in Markdown, RESULTS.md. Pure.
import { LIMIT_MS } from '../clients/load-spec.js';
import { EXPLANATIONS } from './explanations.js';
import type { Table } from './report.js';
import { type JudgedBudget, judgedBudgets, type Outcome, type Run } from './run.js';
import { budgetText, cellText, isNumeric, machineText, numberText, verdict } from './text.js';

const INTRODUCTION = `What a reload, a crash and the supervisor itself cost the clients of a server: graceful-run beside what
people use today. Written by \`npm run bench -- --write\`; run it on your machine, the ratios are what counts.

Every peer runs the same small HTTP server, with one worker where nothing else is said, in the same run on the
same machine, by turns. Server, clients and the bench share its processor. Clients run in a process of their
own. One that sends at a constant rate counts the time of an answer from the moment at which the request was
due, so that a server that stalls cannot hide it by slowing its clients down; one that saturates sends as soon as
it is answered. No request is repeated: each that is refused, reset, cut short, answered wrongly, or that hears
nothing for ${LIMIT_MS / 1000} s is a failure. A figure with others in parentheses is the median of its rounds,
with the quartiles: half of the rounds lie between them. One without has no rounds, or one: a count, a sample of
memory, or a percentile or the most of all requests of a row together. A dash: not measured, or the peer
cannot do it.`;

/** `explanations`: of budgets, should they be missed. */
export function runAsPage(run: Run, explanations = EXPLANATIONS): string {
  const blocks = [
    '# Results of the bench',
    ...(run.quick
      ? ['**A quick run: it shows that the bench works, its figures say nothing.**']
      : []),
    INTRODUCTION,
    `- Date: ${run.date.slice(0, 10)}\n- Machine: ${machineText(run.machine)}`,
    '## Budgets',
    budgetList(judgedBudgets(run, explanations)),
    '## Peers',
    peerList(run),
    ...run.outcomes.flatMap(outcomeBlocks),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function budgetList(budgets: readonly JudgedBudget[]): string {
  if (budgets.length === 0) return 'None of what was run has one.';
  const missed = budgets.filter(({ met }) => !met).length;
  const lines = budgets.flatMap((one) => [
    `- ${one.met ? verdict(true) : `**${verdict(false)}**`}: ${one.scenario}, ${budgetText(one)}`,
    // Part of the same item.
    ...(one.why === undefined ? [] : [`  ${one.why}`]),
  ]);
  return `What graceful-run is held to; ${missed} of ${budgets.length} missed.\n\n${lines.join('\n')}`;
}

function peerList({ peers, leftOut }: Run): string {
  const lines = peers.map(({ name, version, about }) => `- **${name}** ${version}: ${about}`);
  const without = leftOut.map(({ name, why }) => `- ${name}: ${why}`);
  if (without.length === 0) return lines.join('\n');
  return `${lines.join('\n')}\n\nLeft out:\n\n${without.join('\n')}`;
}

function outcomeBlocks({ scenario, about, seconds, result }: Outcome): string[] {
  const heading = `## ${scenario}\n\n${capitalized(about)}. Took ${numberText(seconds)} s.`;
  if ('error' in result)
    return [heading, `Failed, and gave no figures:\n\n${indented(result.error)}`];
  return [heading, ...result.report.tables.flatMap(tableBlocks)];
}

function tableBlocks(table: Table): string[] {
  const rule = table.columns.map((_, i) => (isNumeric(table, i) ? '---:' : '---'));
  const rows = [table.columns, rule, ...table.rows.map((row) => row.map(cellText))];
  const lines = rows.map((row) => `| ${row.map(escaped).join(' | ')} |`).join('\n');
  return [`### ${table.title}`, lines, ...(table.note ? [table.note] : [])];
}

const escaped = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const indented = (text: string) => text.replace(/^/gm, '    ');
const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
