import { isDeepStrictEqual } from 'node:util';
import type { CheckResult } from './client-suite.ts';

/** What a check said on one side. */
export type Said = { readonly value: unknown } | { readonly error: string } | { readonly skipped: string };

/** What a program said while it ran on one side. */
export interface Transcript {
  readonly version: string;
  readonly checks: ReadonlyMap<string, Said>;
}

/**
 * Reads the lines of a program: JSON objects `{"version": …}`, `{"check": name, "value": …}`, `{"check": name,
 * "error": text}` and `{"check": name, "skipped": why}`. Anything else is talk.
 */
export function parseTranscript(output: string): Transcript {
  let version = '';
  const checks = new Map<string, Said>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('{"')) continue;
    let entry: Record<string, unknown>;
    try {
      entry = JSON.parse(line) as Record<string, unknown>;
    } catch {
      continue;
    }
    if (typeof entry.version === 'string') version = entry.version;
    if (typeof entry.check !== 'string') continue;
    if (typeof entry.error === 'string') checks.set(entry.check, { error: entry.error });
    else if (typeof entry.skipped === 'string') checks.set(entry.check, { skipped: entry.skipped });
    else checks.set(entry.check, { value: entry.value ?? null });
  }
  return { version, checks };
}

/**
 * Compares what was said on the two sides. A check passes when it ran through on both and said the same, or, where
 * there is only ours, when it ran through. `differences` has the reasons why some must differ, by the check's name; one
 * that does not differ any more fails, so that the list stays true.
 */
export function compareTranscripts(
  ours: Transcript,
  theirs: Transcript | undefined,
  differences: Readonly<Record<string, string>> = {},
): CheckResult[] {
  const names = new Set([...ours.checks.keys(), ...(theirs?.checks.keys() ?? [])]);
  return [...names].map((name) => {
    const reason = differences[name];
    const complaint = complaintOf(ours.checks.get(name), theirs, name);
    if (complaint === undefined) {
      if (reason === undefined || theirs === undefined) return { name, outcome: 'passed' };
      return { name, outcome: 'failed', detail: 'it is listed as different, and is not' };
    }
    if ('skipped' in complaint) return { name, outcome: 'skipped', detail: complaint.skipped };
    if (reason !== undefined) return { name, outcome: 'differs', detail: reason };
    return { name, outcome: 'failed', detail: complaint.text };
  });
}

function complaintOf(
  our: Said | undefined,
  theirs: Transcript | undefined,
  name: string,
): { readonly text: string } | { readonly skipped: string } | undefined {
  if (our === undefined) return { text: 'it was not run on our side' };
  if ('skipped' in our) return { skipped: our.skipped };
  const their = theirs?.checks.get(name);
  if (theirs !== undefined && their === undefined) return { text: 'it was not run on PostgreSQL' };
  if ('error' in our) return { text: `ours: ${our.error}${theirText(their)}` };
  if (their === undefined) return undefined;
  if (!('value' in their)) return { text: `ours: ${JSON.stringify(our.value)}${theirText(their)}` };
  if (isDeepStrictEqual(our.value, their.value)) return undefined;
  return { text: differenceOf(our.value, their.value, '').join('\n') };
}

function theirText(their: Said | undefined): string {
  if (their === undefined) return '';
  if ('error' in their) return `\nPostgreSQL: ${their.error}`;
  return `\nPostgreSQL: ${'value' in their ? JSON.stringify(their.value) : their.skipped}`;
}

const SHOWN_DIFFERENCES = 12;

/** Where two values part, one line each. */
function differenceOf(our: unknown, their: unknown, path: string): string[] {
  if (isDeepStrictEqual(our, their)) return [];
  if (isContainer(our) && isContainer(their) && Array.isArray(our) === Array.isArray(their)) {
    const keys = new Set([...Object.keys(our), ...Object.keys(their)]);
    return [...keys].flatMap((key) => differenceOf(our[key], their[key], `${path}.${key}`)).slice(0, SHOWN_DIFFERENCES);
  }
  return [`${path || 'answer'}: ours ${JSON.stringify(our)}, PostgreSQL ${JSON.stringify(their)}`];
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
