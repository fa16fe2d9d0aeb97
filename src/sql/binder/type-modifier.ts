import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';

/** Length words count themselves in varchar's and numeric's modifiers. */
const HEADER_BYTES = 4;
const MAX_LENGTH = 10_485_760;
const MAX_BITS = 83_886_080;
const MAX_NUMERIC_PRECISION = 1000;
const MAX_NUMERIC_SCALE = 1000;
const MAX_SECONDS_PRECISION = 6;
/** An interval of all fields, in full precision. */
const FULL_RANGE = 0x7fff;
const FULL_PRECISION = 0xffff;

/** What `varchar(5)` or `numeric(10,2)` has in pg_attribute.atttypmod; -1 without modifiers. Throws 22023, 42601. */
export function typmodOf(
  definition: TypeDefinition,
  modifiers: readonly number[],
  { written, position }: { readonly written: string; readonly position: number },
): number {
  if (modifiers.length === 0) return -1;
  const invalid = (message: string): SqlError => new SqlError(SqlState.InvalidParameterValue, message, { position });
  switch (definition.name) {
    case 'varchar':
    case 'bpchar': {
      const [length] = modifiers;
      const name = definition.name === 'varchar' ? 'varchar' : 'char';
      if (length === undefined || modifiers.length > 1) throw invalid('invalid type modifier');
      if (length < 1) throw invalid(`length for type ${name} must be at least 1`);
      if (length > MAX_LENGTH) throw invalid(`length for type ${name} cannot exceed ${MAX_LENGTH}`);
      return length + HEADER_BYTES;
    }
    case 'bit':
    case 'varbit': {
      const [length] = modifiers;
      if (length === undefined || modifiers.length > 1) throw invalid('invalid type modifier');
      if (length < 1) throw invalid(`length for type ${definition.name} must be at least 1`);
      if (length > MAX_BITS) throw invalid(`length for type ${definition.name} cannot exceed ${MAX_BITS}`);
      return length;
    }
    case 'numeric': {
      const [precision, scale = 0] = modifiers;
      if (precision === undefined || modifiers.length > 2) throw invalid('invalid NUMERIC type modifier');
      if (precision < 1 || precision > MAX_NUMERIC_PRECISION) {
        throw invalid(`NUMERIC precision ${precision} must be between 1 and ${MAX_NUMERIC_PRECISION}`);
      }
      if (Math.abs(scale) > MAX_NUMERIC_SCALE) {
        throw invalid(`NUMERIC scale ${scale} must be between -${MAX_NUMERIC_SCALE} and ${MAX_NUMERIC_SCALE}`);
      }
      return precision * 65536 + (scale & 0x7ff) + HEADER_BYTES;
    }
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz': {
      const [precision] = modifiers;
      if (precision === undefined || modifiers.length > 1) throw invalid('invalid type modifier');
      if (precision < 0) throw invalid(`${timeName(definition)} precision must not be negative`);
      return Math.min(precision, MAX_SECONDS_PRECISION);
    }
    case 'interval': {
      const [range = FULL_RANGE, precision] = modifiers;
      if (modifiers.length > 2) throw invalid('invalid INTERVAL type modifier');
      if (precision === undefined) return range === FULL_RANGE ? -1 : range * 65536 + FULL_PRECISION;
      if (precision < 0) throw invalid(`INTERVAL(${precision}) precision must not be negative`);
      return range * 65536 + Math.min(precision, MAX_SECONDS_PRECISION);
    }
    default:
      throw new SqlError(SqlState.SyntaxError, `type modifier is not allowed for type "${written}"`, {
        position,
      });
  }
}

function timeName(definition: TypeDefinition): string {
  if (definition.name === 'time') return 'TIME';
  if (definition.name === 'timetz') return 'TIME WITH TIME ZONE';
  return definition.name === 'timestamp' ? 'TIMESTAMP' : 'TIMESTAMP WITH TIME ZONE';
}
