import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { readText } from './binary-form.ts';
import { orderOfNumbers } from './number-type.ts';
import type { TypeDefinition } from './type-definition.ts';

/** What makes an enum type: its identity, and its labels in ascending order. */
export interface EnumLabels {
  readonly oid: number;
  readonly arrayOid: number;
  readonly name: string;
  readonly labels: readonly { readonly name: string; readonly sortOrder: number }[];
}

/** A name that needs no quotes. Reserved words are quoted by whoever prints SQL to be read again. */
const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;

/**
 * The type of an enum. A value is the sort order of its label, so that comparing numbers compares values, and a label
 * that is renamed, or added between two others, changes no value.
 */
export function enumType({ oid, arrayOid, name, labels }: EnumLabels): TypeDefinition {
  const orders = new Map(labels.map((label) => [label.name, label.sortOrder]));
  const names = new Map(labels.map((label) => [label.sortOrder, label.name]));
  const sortOrderOf = (label: string): number => {
    const sortOrder = orders.get(label);
    if (sortOrder !== undefined) return sortOrder;
    throw new SqlError(SqlState.InvalidTextRepresentation, `invalid input value for enum ${name}: "${label}"`);
  };
  const labelOf = (sortOrder: number): string => {
    const label = names.get(sortOrder);
    if (label !== undefined) return label;
    throw new SqlError(SqlState.InvalidBinaryRepresentation, `invalid internal value for enum: ${sortOrder}`);
  };
  return {
    oid,
    name,
    sqlName: PLAIN_NAME.test(name) ? name : `"${name.replaceAll('"', '""')}"`,
    length: 4,
    category: 'E',
    isPreferred: false,
    arrayOid,
    elementOid: 0,
    representation: 'float64',
    enumOrders: labels.map((label) => label.sortOrder),
    ...orderOfNumbers,
    parse: sortOrderOf,
    format: (value) => labelOf(value as number),
    readBinary: (bytes) => sortOrderOf(readText(bytes)),
    writeBinary: (value, writer) => {
      writer.string(labelOf(value as number));
    },
  };
}
