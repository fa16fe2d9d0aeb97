import { formatCidr } from '../../types/inet-text.ts';
import type { TypeContext, TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

type TextForm = (value: Value, context: TypeContext) => string;

const BOOL_OID = 16;
const BPCHAR_OID = 1042;
const INET_OID = 869;

/**
 * What `value::text` gives. It differs from output for boolean (`true`, not `t`), char(n), which loses its padding, and inet,
 * which always has its bits.
 */
export function castToText(type: TypeDefinition): TextForm {
  if (type.oid === BOOL_OID) return (value) => (value === true ? 'true' : 'false');
  if (type.oid === BPCHAR_OID) return (value) => trimPadding(value as string);
  if (type.oid === INET_OID) return (value) => formatCidr(value as Uint8Array);
  if (type.representation === 'text') return (value) => value as string;
  return (value, context) => type.format(value, context);
}

/** char(n) without the blanks it was filled up with. */
export function trimPadding(value: string): string {
  let end = value.length;
  while (end > 0 && value.charCodeAt(end - 1) === 32) end--;
  return end === value.length ? value : value.slice(0, end);
}
