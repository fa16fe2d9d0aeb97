import type { CallExpression, Expression } from './expression.ts';

const TRIMS: Readonly<Record<string, string>> = { btrim: 'BOTH', ltrim: 'LEADING', rtrim: 'TRAILING' };

/**
 * A call that SQL writes with words instead of commas, as PostgreSQL prints it; undefined for those that it prints as
 * ordinary calls.
 */
export function deparseWords(call: CallExpression, text: (part: Expression) => string): string | undefined {
  const { name } = call.function;
  const [first, second, third, fourth] = call.arguments;
  switch (name) {
    case 'timezone':
      return `(${text(second)} AT TIME ZONE ${text(first)})`;
    case 'extract':
      return first.kind === 'constant' ? `EXTRACT(${first.value} FROM ${text(second)})` : undefined;
    case 'position':
      return `POSITION((${text(second)}) IN (${text(first)}))`;
    case 'substring':
      if (second.type.definition.category !== 'N') {
        if (third === undefined) return undefined;
        return `SUBSTRING(${text(first)} SIMILAR ${text(second)} ESCAPE ${text(third)})`;
      }
      return `SUBSTRING(${text(first)} FROM ${text(second)}${third === undefined ? '' : ` FOR ${text(third)}`})`;
    case 'overlaps':
      return `((${text(first)}, ${text(second)}) OVERLAPS (${text(third)}, ${text(fourth)}))`;
    case 'is_normalized':
      if (second?.kind !== 'constant') return undefined;
      return `(${text(first)} IS ${second.value} NORMALIZED)`;
    case 'normalize':
      if (second === undefined) return `NORMALIZE(${text(first)})`;
      return second.kind === 'constant' ? `NORMALIZE(${text(first)}, ${second.value})` : undefined;
    case 'pg_collation_for':
      return `COLLATION FOR (${text(first)})`;
    case 'overlay': {
      const count = fourth === undefined ? '' : ` FOR ${text(fourth)}`;
      return `OVERLAY(${text(first)} PLACING ${text(second)} FROM ${text(third)}${count})`;
    }
    default: {
      const side = TRIMS[name];
      if (side === undefined) return undefined;
      return `TRIM(${side}${second === undefined ? '' : ` ${text(second)}`} FROM ${text(first)})`;
    }
  }
}
