import type { Answer } from '../../support/statement-client.ts';
import { type Explanation, errorKey } from './explanation.ts';

/** What only PostgreSQL 15 does, by mistake or for want of what later versions have. */
export const POSTGRES_OWN: readonly Explanation[] = [
  {
    name: 'which-ungrouped-column',
    reason: 'Of several columns that a subquery may not use PostgreSQL names one in FROM last; ours goes by the text.',
    explains: ({ sql, difference, ours, theirs }) =>
      (difference.aspect === 'message' || difference.aspect === 'position') &&
      [ours, theirs].every((answer) => isAtItsUngroupedColumn(sql, answer)),
  },
  {
    name: 'unchecked-overflow',
    reason:
      'PostgreSQL 15 multiplies in make_interval() and width_bucket() without looking whether it overflows; later versions look, as we do.',
    explains: ({ sql, difference, ours, theirs }) =>
      theirs.error === undefined &&
      (difference.aspect === 'error'
        ? /make_interval"?\(/.test(sql) && errorKey(ours) === '22008 interval out of range'
        : difference.aspect === 'rows' && /width_bucket"?\(/.test(sql) && /-2147483648/.test(difference.theirs)),
  },
  {
    name: 'any-full-join',
    reason: 'PostgreSQL cannot do a FULL JOIN on a condition without an equality; we can.',
    explains: ({ ours, theirs }) =>
      ours.error?.get('C') !== 'XX000' && theirs.error?.get('M')?.startsWith('FULL JOIN is only supported') === true,
  },
  {
    name: 'its-own-mistake',
    reason:
      'PostgreSQL meets an internal error (XX000) of its own, cuts a character in two, or puts a zero byte into a text.',
    explains: ({ sql, difference, difference: { aspect }, ours, theirs }) =>
      (theirs.error?.get('C') === 'XX000' && ours.error?.get('C') !== 'XX000') ||
      theirs.error?.get('M')?.includes('\ufffd') === true ||
      // The first byte of a longer character, as a "char".
      (ours.error === undefined &&
        sql.includes('"char"') &&
        /^invalid byte sequence for encoding "UTF8": 0x[c-f]/.test(theirs.error?.get('M') ?? '')) ||
      // A "char" of nothing becomes a text with a zero byte, which no text can hold.
      (aspect === 'binary' && sql.includes('"char"') && difference.theirs.replace(/\b00\b/g, '') === difference.ours) ||
      // Every second result is in binary form, where such bytes say nothing.
      ((aspect === 'rows' || aspect === 'binary') &&
        theirs.results.some(
          ({ rows }, index) =>
            index % 2 === 0 && rows.flat().some((value) => value?.toString('utf8').includes('\ufffd')),
        )),
  },
  {
    name: 'modifiers-of-the-plan',
    reason:
      'PostgreSQL describes a result after its plan is made: where only a part of a COALESCE, a CASE or a UNION is left, it has the type modifier of that part, and a call of a length function that changes nothing has that which it was called with. Ours describes what was written.',
    explains: ({ sql, difference: { aspect, ours, theirs } }) =>
      aspect === 'columns' &&
      /\b(COALESCE|CASE|UNION|EXCEPT|INTERSECT)\b|\."(varchar|bpchar|varbit|numeric|interval|time(stamp)?(tz)?)"\(/.test(
        sql,
      ) &&
      areSameColumnsButFor(ours, theirs, /\(-?\d+(,-?\d+)?\)$/),
  },
  {
    name: 'flag-of-nulls',
    reason:
      "The binary form of an array has a flag for NULLs that no client reads; PostgreSQL's slices keep that of the whole, though the NULL is gone.",
    explains: ({ difference: { aspect, ours, theirs } }) =>
      aspect === 'binary' && withoutNullFlags(ours) === withoutNullFlags(theirs),
  },
  {
    name: 'types-that-we-lack',
    reason:
      'PostgreSQL also has trunc(macaddr), bit_count(bit), box && box and lseg ?| lseg, so that it cannot tell which one is meant by arguments without types.',
    explains: ({ theirs }) =>
      /^(function (trunc|bit_count)\(unknown\) is not unique|operator is not unique: unknown (&&|\?\|) unknown)$/.test(
        theirs.error?.get('M') ?? '',
      ),
  },
  {
    name: 'newer-grammar',
    reason: 'Our grammar is that of PostgreSQL 18, which takes what 15 calls a syntax error.',
    explains: ({ difference, ours, theirs }) =>
      difference.aspect !== 'rows' &&
      ((theirs.error?.get('C') === '42601' && /syntax error|must have an alias/.test(theirs.error.get('M') ?? '')) ||
        // JSON_OBJECT has become a word of the grammar, which knows where the function is.
        (difference.aspect === 'message' &&
          ours.error?.get('M') ===
            theirs.error?.get('M')?.replace('function json_object', 'function pg_catalog.json_object'))),
  },
];

/** Whether the error of an ungrouped column stands where that column is written. */
function isAtItsUngroupedColumn(sql: string, { error }: Answer): boolean {
  const name = /^subquery uses ungrouped column "(.*)" from outer query$/.exec(error?.get('M') ?? '')?.[1];
  // Positions count characters.
  const rest = [...sql].slice(Number(error?.get('P')) - 1).join('');
  return name !== undefined && rest.replaceAll('"', '').startsWith(name.replaceAll('"', ''));
}

/** Whether theirs are ours, or would be without what some of them have at the end. */
function areSameColumnsButFor(ours: string, theirs: string, more: RegExp): boolean {
  const [own, others] = [ours, theirs].map((columns) => columns.split(', '));
  return (
    own.length === others.length &&
    others.every((other, at) => other === own[at] || other.replace(more, '') === own[at])
  );
}

/** | dimensions (1 to 6) | flags | element type |, in hexadecimal digits. */
function withoutNullFlags(shown: string): string {
  return shown.replace(/(0000000[1-6])0000000[01](?=0000)/g, '$1');
}
