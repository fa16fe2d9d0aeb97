import type { StoredView } from '../../catalog/catalog-object.ts';
import type { SequenceDescriptor } from '../../catalog/sequence-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { isTemporarySchema } from '../../catalog/temporary-schemas.ts';
import {
  characterLength,
  intervalFields,
  numericPrecision,
  numericScale,
  octetLength,
  precisionRadix,
  timePrecision,
} from '../../functions/catalog/information-schema.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { CatalogSource } from '../catalog-source.ts';
import { viewColumnType } from '../pg-attribute.ts';
import { physicalType } from '../physical-type.ts';
import { isSameKeys, type RelationPart } from '../relation-part.ts';
import { entryList } from '../row-list.ts';
import { allSystemRelations, type SystemRelation } from '../system-relation.ts';
import { INFORMATION_SCHEMA, PG_CATALOG } from '../system-schemas.ts';
import { typeFactNamed } from '../type-facts.ts';
import { dataTypeName } from './data-type-name.ts';

/** A column as it stands in a relation. */
interface WrittenColumn {
  readonly number: number;
  readonly name: string;
  readonly type: SqlType;
  readonly isNotNull: boolean;
  /** Of columns of information_schema: the domain that they are declared as. */
  readonly domain?: string;
  readonly default?: string | undefined;
  readonly generated?: string | undefined;
  readonly identity?: ColumnDescriptor['identity'];
  readonly collation?: string;
}

/** A table or view, and whoever looks at it. */
interface Listed {
  readonly database: string;
  readonly schemaName: string;
  readonly name: string;
  readonly isWritable: boolean;
  readonly isSystemTable: boolean;
}

/** What a row is made of: nothing in here belongs to a session. */
interface Entry {
  readonly relation: Listed;
  readonly column: WrittenColumn;
  readonly typeSchema: string;
  readonly sequence: SequenceDescriptor | undefined;
  /** As whoever asks would write them; NULL where that is not shown. */
  readonly defaultText: string | null;
  readonly generatedText: string | null;
}

type Subject = TableDescriptor | StoredView | SystemRelation;

interface KnownPart {
  readonly database: string;
  readonly part: RelationPart;
}

const knownParts = new WeakMap<Subject, KnownPart>();

/** information_schema.columns: those that whoever asks may do something with. */
export function* columnsParts(source: CatalogSource): Iterable<RelationPart> {
  const catalog = source.catalog();
  const identities = new Map<string, SequenceDescriptor>();
  for (const sequence of catalog.sequences()) {
    const { owner } = sequence;
    if (owner?.kind === 'identity') identities.set(`${owner.tableOid} ${owner.columnNumber}`, sequence);
  }
  // Many columns have the same default, which names no column.
  const texts = new Map<string, string>();
  const defaultText = (stored: string, oid: number): string => {
    const known = texts.get(stored) ?? source.expressionText(stored, oid);
    texts.set(stored, known);
    return known;
  };
  const facts: Facts = { identities, defaultText, schemaOfType: (oid) => schemaOfType(source, oid) };
  for (const relation of allSystemRelations()) yield* part(source, relation, facts);
  for (const table of catalog.tables()) if (table.kind !== 'system-table') yield* part(source, table, facts);
  for (const view of catalog.views()) yield* part(source, view, facts);
}

/** What other objects say of the columns of a relation. */
interface Facts {
  readonly identities: ReadonlyMap<string, SequenceDescriptor>;
  schemaOfType(oid: number): string;
  defaultText(stored: string, relationOid: number): string;
}

function schemaOfType(source: CatalogSource, oid: number): string {
  const catalog = source.catalog();
  const type = catalog.userTypeByOid(oid);
  return catalog.enumByOid(type?.elementOid || oid)?.schemaName ?? PG_CATALOG.name;
}

/** What of a relation does not follow from its descriptor alone, and so has to be looked up again. */
interface Borrowed {
  readonly columns: readonly WrittenColumn[];
  /** Those with a type of the user's, an expression or a sequence. */
  readonly dependent: readonly WrittenColumn[];
}

const borrowedOf = new WeakMap<Subject, Borrowed>();

function* part(source: CatalogSource, subject: Subject, facts: Facts): Iterable<RelationPart> {
  const database = source.databaseName();
  const { oid } = subject;
  const listed = listedAs(subject, database);
  if (isTemporarySchema(listed.schemaName) && listed.schemaName !== source.temporarySchema()) return;
  const borrowed = borrowedFrom(source, subject);
  const isWhole = source.mayUse(oid, 'whole');
  const columns = isWhole ? borrowed.columns : borrowed.columns.filter(({ number }) => source.mayUse(oid, number));
  const keys: [object, ...unknown[]] = [subject, isWhole];
  if (!isWhole) keys.push(columns.map(({ number }) => number).join());
  const texts = new Map<WrittenColumn, Pick<Entry, 'defaultText' | 'generatedText'>>();
  for (const column of borrowed.dependent) {
    const { type, default: value, generated } = column;
    const text = {
      defaultText: isWhole && value !== undefined ? facts.defaultText(value, oid) : null,
      generatedText: generated === undefined ? null : source.expressionText(generated, oid),
    };
    texts.set(column, text);
    const typeOid = type.definition.oid;
    keys.push(text.defaultText, text.generatedText, facts.identities.get(`${oid} ${column.number}`));
    if (typeByOid(typeOid) === undefined) keys.push(facts.schemaOfType(typeOid), type.definition.name);
  }
  const known = knownParts.get(subject);
  if (known?.database === database && known.part.keys !== undefined && isSameKeys(known.part.keys, keys)) {
    yield known.part;
    return;
  }
  const entries = columns.map((column): Entry => {
    const typeOid = column.type.definition.oid;
    return {
      relation: listed,
      column,
      typeSchema: typeByOid(typeOid) === undefined ? facts.schemaOfType(typeOid) : PG_CATALOG.name,
      sequence: column.identity === undefined ? undefined : facts.identities.get(`${oid} ${column.number}`),
      ...(texts.get(column) ?? NO_TEXTS),
    };
  });
  const made: RelationPart = { oid, keys, rows: entryList(entries, CELLS) };
  knownParts.set(subject, { database, part: made });
  yield made;
}

const NO_TEXTS = { defaultText: null, generatedText: null };

function listedAs(subject: Subject, database: string): Listed {
  if ('schema' in subject) {
    const isTable = subject.kind === 'table';
    return {
      database,
      schemaName: subject.schema.name,
      name: subject.name,
      isWritable: isTable,
      isSystemTable: isTable,
    };
  }
  const { schemaName, name, kind } = subject;
  return { database, schemaName, name, isWritable: kind !== 'view', isSystemTable: false };
}

function borrowedFrom(source: CatalogSource, subject: Subject): Borrowed {
  let borrowed = borrowedOf.get(subject);
  if (borrowed === undefined) {
    const columns = columnsOf(source, subject);
    const dependent = columns.filter(
      ({ type, default: value, generated, identity }) =>
        typeByOid(type.definition.oid) === undefined ||
        value !== undefined ||
        generated !== undefined ||
        identity !== undefined,
    );
    borrowed = { columns, dependent: 'schema' in subject ? [] : dependent };
    // A table gets another version when a type of its columns changes; a view does not.
    if (subject.kind !== 'view' || 'schema' in subject) borrowedOf.set(subject, borrowed);
  }
  return borrowed;
}

function columnsOf(source: CatalogSource, subject: Subject): readonly WrittenColumn[] {
  if ('schema' in subject) {
    return subject.columns.map(({ name, type, declaredType, isNotNull }, at): WrittenColumn => {
      const isDomain = typeFactNamed(declaredType)?.kind === 'd';
      return { number: at + 1, name, type, isNotNull, ...(isDomain ? { domain: declaredType } : {}) };
    });
  }
  if (subject.kind !== 'view') return subject.columns.filter((column) => column.isHidden !== true);
  return subject.columns.flatMap(({ typeOid, typmod, name, default: value }, at): WrittenColumn[] => {
    const definition = viewColumnType(source, typeOid);
    if (definition === undefined) return [];
    return [{ number: at + 1, name, type: { definition, typmod }, isNotNull: false, default: value }];
  });
}

const yes = (answer: boolean): string => (answer ? 'YES' : 'NO');
const nothing = (): null => null;
/** Only collations other than the database's own are told. Texts in the tables of the system are compared by bytes. */
const isByBytes = ({ relation, column: { type, domain } }: Entry): boolean =>
  type.definition.name === 'name' ||
  (domain !== undefined && type.definition.name === 'varchar') ||
  (relation.isSystemTable && physicalType(type.definition).collationOid !== 0);
const collationOf = (entry: Entry): string | null => entry.column.collation ?? (isByBytes(entry) ? 'C' : null);
const ofType =
  (say: (oid: number, typmod: number) => Value) =>
  ({ column: { type } }: Entry): Value =>
    say(type.definition.oid, type.typmod);
const ofSequence =
  (say: (sequence: SequenceDescriptor) => Value) =>
  ({ sequence }: Entry): Value =>
    sequence === undefined ? null : say(sequence);

/** In the order of the columns of information_schema.columns: of many rows few columns are asked for. */
const CELLS: readonly ((entry: Entry) => Value)[] = [
  ({ relation }) => relation.database,
  ({ relation }) => relation.schemaName,
  ({ relation }) => relation.name,
  ({ column }) => column.name,
  ({ column }) => column.number,
  ({ defaultText }) => defaultText,
  ({ column }) => yes(!column.isNotNull),
  ({ column, typeSchema }) => dataTypeName(column.type, typeSchema === PG_CATALOG.name),
  ofType(characterLength),
  ofType(octetLength),
  ofType(numericPrecision),
  ofType(precisionRadix),
  ofType(numericScale),
  ofType(timePrecision),
  ofType(intervalFields),
  ...[nothing, nothing, nothing, nothing],
  (entry) => (collationOf(entry) === null ? null : entry.relation.database),
  (entry) => (collationOf(entry) === null ? null : PG_CATALOG.name),
  collationOf,
  ({ relation, column }) => (column.domain === undefined ? null : relation.database),
  ({ column }) => (column.domain === undefined ? null : INFORMATION_SCHEMA.name),
  ({ column }) => column.domain ?? null,
  ({ relation }) => relation.database,
  ({ typeSchema }) => typeSchema,
  ({ column }) => column.type.definition.name,
  ...[nothing, nothing, nothing, nothing],
  ({ column }) => String(column.number),
  () => 'NO',
  ({ column }) => yes(column.identity !== undefined),
  ({ column }) => (column.identity === undefined ? null : column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'),
  ofSequence(({ start }) => String(start)),
  ofSequence(({ increment }) => String(increment)),
  ofSequence(({ max }) => String(max)),
  ofSequence(({ min }) => String(min)),
  ({ sequence }) => yes(sequence?.isCycled === true),
  ({ column }) => (column.generated === undefined ? 'NEVER' : 'ALWAYS'),
  ({ generatedText }) => generatedText,
  ({ relation }) => yes(relation.isWritable),
];
