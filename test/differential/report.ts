import type { RunOutcome } from './differential-run.ts';
import type { Explanation } from './explanations/explanation.ts';

export function hasFailed({ differences }: RunOutcome): boolean {
  return differences.length > 0;
}

/** What a run has found, as Markdown: counts, refusals by reason, explained differences, and the others in full. */
export function writeReport(
  outcome: RunOutcome,
  explanations: readonly Explanation[],
  seconds: number,
  { listsExplained = false } = {},
): string {
  const { executed, equal, bothFailed, refused, explained, differences } = outcome;
  const refusedCount = sum([...refused.values()].map(({ count }) => count));
  const explainedCount = sum([...explained.values()].map(({ count }) => count));
  const differing = sum(differences.map(({ count }) => count));
  const lines = [
    `${executed} statements in ${seconds.toFixed(1)} s: ${equal} equal (${bothFailed} of them errors), ` +
      `${refusedCount} refused, ${explainedCount} explained, ${differing} different (${differences.length} kinds)`,
  ];
  if (refused.size > 0) {
    lines.push('', '## Refused by ours, by reason', '');
    for (const [reason, { count, example }] of [...refused].sort(([, a], [, b]) => b.count - a.count)) {
      lines.push(`${String(count).padStart(6)}  ${reason}    e.g. ${short(example)}`);
    }
  }
  if (explained.size > 0) {
    lines.push('', '## Explained', '');
    for (const { name, reason } of explanations) {
      const found = explained.get(name);
      if (found === undefined) continue;
      lines.push(`${String(found.count).padStart(6)}  ${name}: ${reason}    e.g. ${short(found.example)}`);
      if (listsExplained)
        lines.push(...(found.statements ?? []).map((statement) => `            ${short(statement, 2000)}`));
    }
  }
  if (differences.length > 0) {
    lines.push('', '## Different', '');
    for (const { aspect, count, sql, ours, theirs, round, comesAgain } of differences) {
      const where = comesAgain ? '' : ` (round ${round}; not when asked for alone)`;
      lines.push(
        `- ${aspect} ×${count}${where}: \`${short(sql, 600)}\` — ours: ${short(ours, 300)} — PostgreSQL: ${short(theirs, 300)}`,
      );
    }
    lines.push('', '## As records for sql-tests/', '');
    for (const { aspect, records, number, round } of differences) {
      if (records !== undefined) lines.push(`# ${aspect}, statement ${number}, round ${round}`, records, '');
    }
  }
  return `${lines.join('\n')}\n`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function short(text: string, length = 200): string {
  const line = text.replaceAll('\n', '\\n');
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
