import type { Answer } from '../../support/statement-client.ts';
import { withoutOwnOids } from '../own-oids.ts';
import { sameRows } from './answer-rows.ts';
import type { Explanation } from './explanation.ts';

/** Where ours is meant to be otherwise, or cannot know. */
export const OUR_OWN: readonly Explanation[] = [
  {
    name: 'time-is-finite',
    reason: 'The time column of a time-series table holds no infinity; an ordinary table does.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'error' &&
      theirs.error === undefined &&
      /^(INSERT INTO|UPDATE) h\d/.test(sql) &&
      ours.error?.get('C') === '22008',
  },
  {
    name: 'time-as-number',
    reason: 'A whole number that is compared with the time column of a time-series table counts nanoseconds.',
    explains: ({ sql, ours, theirs }) =>
      ours.error === undefined &&
      /\bh\d\b/.test(sql) &&
      /^operator does not exist: (timestamp with time zone (=|<>|<=?|>=?) (integer|bigint)|(integer|bigint) (=|<>|<=?|>=?) timestamp with time zone)$/.test(
        theirs.error?.get('M') ?? '',
      ),
  },
  {
    name: 'names-of-old-zones',
    reason:
      'Node knows the offsets of all zones at all times, but of the letters of the past (MMT, NZMT) next to nothing; until 1970 the offset itself or LMT stands there.',
    explains: ({ difference, ours, theirs }) =>
      /\b1[0-8]\d\d|\b19[0-6]\d/.test(difference.theirs) &&
      (difference.aspect === 'rows'
        ? sameRows(ours, theirs, withoutOldZone)
        : difference.aspect === 'detail' && detailOf(ours) === detailOf(theirs)),
  },
  {
    name: 'own-oids',
    reason:
      'The binary form of a row names the OIDs of its types, and those of types that users make are each its own.',
    explains: ({ difference, ours, theirs }) =>
      difference.aspect === 'binary' && binaryRowsWithoutOids(ours) === binaryRowsWithoutOids(theirs),
  },
];

/** Every second result is in binary form. */
function binaryRowsWithoutOids({ results }: Answer): string {
  const rows = results.flatMap(({ rows, columns }, index) =>
    index % 2 === 0
      ? []
      : rows.map((row) =>
          row
            .map((value, at) => (value === null ? 'NULL' : withoutOwnOids(value, columns?.[at].typeOid ?? 0)))
            .join(', '),
        ),
  );
  return rows.sort().join('\n');
}

/** Date, time of day, year where it comes last, and then the zone. */
const OLD_ZONE =
  /((?:\b(?:1[0-8]|19)\d\d-\d\d-\d\d |\d\d[/.]\d\d[/.](?:1[0-8]|19)\d\d )\d\d:\d\d:\d\d(?:\.\d+)?|\d\d:\d\d:\d\d(?:\.\d+)? (?:1[0-8]|19)\d\d) (?:[A-Z]{2,5}|[+-]\d[\d:]*)/g;

function detailOf({ error }: Answer): string {
  return withoutOldZone(error?.get('D') ?? '');
}

function withoutOldZone(text: string): string {
  return text.replace(OLD_ZONE, (shown, instant: string) => (/19[7-9]\d/.test(instant) ? shown : instant));
}
