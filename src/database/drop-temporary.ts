import { isTemporarySchema } from '../catalog/temporary-schemas.ts';
import type { Transaction } from './transaction.ts';

/**
 * Drops what sessions have left in schemas of temporary objects, in that of one session or in all, and the schemas too.
 * Nobody else has to do with it, so that no lock is waited for. False when there was nothing.
 */
export async function dropTemporary(transaction: Transaction, schemaName?: string): Promise<boolean> {
  const isMeant = (name: string): boolean => (schemaName === undefined ? isTemporarySchema(name) : name === schemaName);
  const schemas = [...transaction.catalog().schemas()].filter(({ name }) => isMeant(name));
  for (const { oid, schemaName: own } of [...transaction.catalog().views()])
    if (isMeant(own)) transaction.schema.dropView(oid);
  for (const { oid } of [...transaction.catalog().tables()].filter((table) => isMeant(table.schemaName))) {
    await transaction.lockTable(oid, 'exclusive');
    transaction.schema.dropTable(oid);
  }
  // Sequences of columns went with their tables.
  for (const sequence of [...transaction.catalog().sequences()]) {
    if (isMeant(sequence.schemaName)) transaction.sequences.drop(sequence.oid);
  }
  for (const found of [...transaction.catalog().enums()])
    if (isMeant(found.schemaName)) transaction.schema.dropEnum(found.oid);
  for (const { oid } of schemas) transaction.schema.dropSchema(oid);
  return schemas.length > 0;
}
