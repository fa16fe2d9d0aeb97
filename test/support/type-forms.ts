import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { SqlError } from '../../src/errors/sql-error.ts';
import type { TypeContext, TypeDefinition } from '../../src/types/type-definition.ts';
import type { Value } from '../../src/types/value.ts';
import { typeContext } from './type-context.ts';

/**
 * What the type makes of a text: the value's text form, or of an error `code: message (detail) [hint]`. The tables in the
 * tests were captured from PostgreSQL in this form.
 */
export function readAndShow(
  type: TypeDefinition,
  text: string,
  settings: Partial<TypeContext> = {},
  typmod = -1,
): string {
  const context = typeContext(settings);
  return orError(() => type.format(type.parse(text, context, typmod), context));
}

/** The result as text, or the error in the form of the tables. */
export function orError(compute: () => unknown): string {
  try {
    return String(compute());
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { detail, hint } = error.fields;
    return (
      `${error.code}: ${error.message}` +
      (detail === undefined ? '' : ` (${detail})`) +
      (hint === undefined ? '' : ` [${hint}]`)
    );
  }
}

export function binaryForm(type: TypeDefinition, value: Value): Uint8Array {
  const writer = new ByteWriter();
  type.writeBinary(value, writer);
  return writer.copy();
}
