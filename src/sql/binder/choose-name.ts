import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import { relationNamed } from './find-relation.ts';

/** PostgreSQL's limit on names, in bytes of UTF-8. */
const MAX_NAME_BYTES = 63;

/**
 * Names that PostgreSQL gives to what nobody named: `t_a_key`, `t_a_key1` when that is taken. A relation's name must be
 * free in its schema, a constraint's too (although two tables may have constraints of one name, when written). What was
 * chosen is taken from then on.
 */
export class NameChooser {
  readonly #catalog: CatalogReader;
  readonly #schema: string;
  readonly #relations = new Set<string>();
  readonly #constraints = new Set<string>();

  /** `taken`: relations that are being made. */
  constructor(catalog: CatalogReader, schema: string, taken: readonly string[] = []) {
    this.#catalog = catalog;
    this.#schema = schema;
    for (const name of taken) this.#relations.add(name);
  }

  /** Of an index or sequence. The index of a constraint has the name of the constraint as well. */
  relationName(table: string, columns: readonly string[], label: string, options: { isConstraint: boolean }): string {
    const name = this.#choose(
      table,
      columns,
      label,
      (candidate) => this.isRelationTaken(candidate) || (options.isConstraint && this.#isConstraintTaken(candidate)),
    );
    this.takeRelation(name);
    if (options.isConstraint) this.takeConstraint(name);
    return name;
  }

  /** Of a CHECK or a foreign key. */
  constraintName(table: string, columns: readonly string[], label: string): string {
    const name = this.#choose(table, columns, label, (candidate) => this.#isConstraintTaken(candidate));
    this.takeConstraint(name);
    return name;
  }

  takeRelation(name: string): void {
    this.#relations.add(name);
  }

  takeConstraint(name: string): void {
    this.#constraints.add(name);
  }

  isRelationTaken(name: string): boolean {
    return this.#relations.has(name) || relationNamed(this.#catalog, this.#schema, name) !== undefined;
  }

  #isConstraintTaken(name: string): boolean {
    if (this.#constraints.has(name)) return true;
    for (const table of this.#catalog.tables()) {
      if (table.schemaName !== this.#schema) continue;
      if (table.uniqueKey?.name === name || table.constraints.some((constraint) => constraint.name === name)) {
        return true;
      }
    }
    return false;
  }

  #choose(table: string, columns: readonly string[], label: string, isTaken: (name: string) => boolean): string {
    const middle = columns.length === 0 ? undefined : columns.join('_');
    for (let pass = 0; ; pass++) {
      const name = joinedName(table, middle, pass === 0 ? label : `${label}${pass}`);
      if (!isTaken(name)) return name;
    }
  }
}

/** `table_middle_label`, of which the longer of the first two gives way until the name fits. */
export function joinedName(table: string, middle: string | undefined, label: string): string {
  const available = MAX_NAME_BYTES - Buffer.byteLength(label) - 1 - (middle === undefined ? 0 : 1);
  let tableBytes = Buffer.byteLength(table);
  let middleBytes = middle === undefined ? 0 : Buffer.byteLength(middle);
  while (tableBytes + middleBytes > available) {
    if (tableBytes > middleBytes) tableBytes -= 1;
    else middleBytes -= 1;
  }
  const parts = [clip(table, tableBytes), ...(middle === undefined ? [] : [clip(middle, middleBytes)]), label];
  return parts.join('_');
}

/** The characters that fit whole into `maxBytes`. */
function clip(name: string, maxBytes: number): string {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length <= maxBytes) return name;
  let end = maxBytes;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
