import type { EnumDescriptor, EnumLabel } from '../../catalog/enum-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** Where a new label goes; at the end unless told otherwise. */
export interface LabelPlace {
  readonly side: 'before' | 'after';
  readonly label: string;
}

/** ALTER TYPE … ADD VALUE. Throws 42710, 22023, and 54000 where no number is left between the neighbours. */
export function addEnumLabel(
  { labels, ...rest }: EnumDescriptor,
  { name, oid, place }: { readonly name: string; readonly oid: number; readonly place?: LabelPlace | undefined },
): EnumDescriptor {
  assertLabelFree(labels, name);
  let at = labels.length;
  if (place !== undefined) {
    at = placeOf(labels, place.label);
    if (place.side === 'after') at++;
  }
  const before = labels[at - 1]?.sortOrder;
  const after = labels[at]?.sortOrder;
  const sortOrder = between(before, after);
  if (sortOrder === before || sortOrder === after) {
    throw new SqlError(SqlState.ProgramLimitExceeded, `there is no room left for an enum label at that place`);
  }
  return { ...rest, labels: [...labels.slice(0, at), { oid, name, sortOrder }, ...labels.slice(at)] };
}

/** ALTER TYPE … RENAME VALUE: no row changes. Throws 22023 and 42710. */
export function renameEnumLabel({ labels, ...rest }: EnumDescriptor, from: string, to: string): EnumDescriptor {
  const at = placeOf(labels, from);
  assertLabelFree(labels, to);
  return { ...rest, labels: labels.map((label, index) => (index === at ? { ...label, name: to } : label)) };
}

/** The labels of a new enum, in order. */
export function enumLabels(names: readonly string[], takeOid: () => number): EnumLabel[] {
  return names.map((name, index) => ({ oid: takeOid(), name, sortOrder: index + 1 }));
}

function placeOf(labels: readonly EnumLabel[], name: string): number {
  const at = labels.findIndex((label) => label.name === name);
  if (at >= 0) return at;
  throw new SqlError(SqlState.InvalidParameterValue, `"${name}" is not an existing enum label`);
}

function assertLabelFree(labels: readonly EnumLabel[], name: string): void {
  if (labels.every((label) => label.name !== name)) return;
  throw new SqlError(SqlState.DuplicateObject, `enum label "${name}" already exists`);
}

function between(before: number | undefined, after: number | undefined): number {
  if (after === undefined) return (before ?? 0) + 1;
  return before === undefined ? after - 1 : (before + after) / 2;
}
