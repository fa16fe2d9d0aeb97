import type { Answer } from '../../support/statement-client.ts';

/** The rows of the first result, each as one text. */
export function rowsOf({ results }: Answer): readonly string[] {
  return (results[0]?.rows ?? []).map((row) => JSON.stringify(row.map((value) => value?.toString('utf8') ?? null)));
}

/** What is left of a value's text when what may differ has been taken away. */
export type Simplify = (text: string, typeOid: number) => string;

/** Whether both have the same rows, in any order, once simplified. */
export function sameRows(ours: Answer, theirs: Answer, simplify: Simplify): boolean {
  return simplified(ours, simplify).join('\n') === simplified(theirs, simplify).join('\n');
}

/** Whether each row of one is among those of the other, be it more or less often. */
export function sameKindsOfRows(ours: Answer, theirs: Answer, simplify: Simplify): boolean {
  const [own, others] = [ours, theirs].map((answer) => new Set(simplified(answer, simplify)));
  return own.size > 0 && own.size === others.size && [...own].every((row) => others.has(row));
}

/** The texts decide; the binary forms of the same numbers follow from them. */
function simplified({ results: [result] }: Answer, simplify: Simplify): readonly string[] {
  const rows = result?.rows.map((row) =>
    row.map((value, column) =>
      value === null ? 'NULL' : simplify(value.toString('utf8'), result.columns?.[column].typeOid ?? 0),
    ),
  );
  return (rows ?? []).map((row) => row.join('\t')).sort();
}
