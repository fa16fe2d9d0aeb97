import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { unreachable } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { DefinitionRun } from './definition-run.ts';
import { dependentsOf } from './dependents.ts';
import { ageOf, describeObject, keyOf, type SchemaObject } from './schema-object.ts';
import { withoutPart } from './table-parts.ts';

/** An object that is to go. */
interface Doomed {
  readonly object: SchemaObject;
  /** What it was reached from; undefined: it was named. */
  readonly dependee: SchemaObject | undefined;
  /** On some way to it. */
  goesAlong: boolean;
  /** A column of a table that goes as a whole: no word of it. */
  isCovered: boolean;
}

/** As many lines as PostgreSQL sends. */
const MAX_REPORTED = 100;

/** The closure of what goes with the objects that were named, in the order in which PostgreSQL finds it. */
class DoomedObjects {
  readonly #run: DefinitionRun;
  readonly #known = new Map<string, Doomed>();
  /** An object stands behind all that depends on it. */
  readonly list: Doomed[] = [];

  constructor(run: DefinitionRun) {
    this.#run = run;
  }

  add(object: SchemaObject, dependee: SchemaObject | undefined, goesAlong: boolean): void {
    const key = keyOf(object);
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.goesAlong ||= goesAlong;
      return;
    }
    if (object.kind === 'column' && this.#known.has(keyOf({ kind: 'table', table: object.table }))) return;
    const doomed: Doomed = { object, dependee, goesAlong, isCovered: false };
    this.#known.set(key, doomed);
    if (object.kind === 'table') {
      for (const column of object.table.columns) {
        const part = this.#known.get(keyOf({ kind: 'column', table: object.table, column }));
        if (part !== undefined) part.isCovered = true;
      }
    }
    const dependents = dependentsOf(this.#run, object).sort((a, b) => ageOf(b.object) - ageOf(a.object));
    for (const dependent of dependents) this.add(dependent.object, object, dependent.goesAlong);
    this.list.push(doomed);
  }

  /** What was not named and does not go along by itself. */
  get inTheWay(): readonly Doomed[] {
    return this.list
      .filter(({ dependee, goesAlong, isCovered }) => dependee !== undefined && !goesAlong && !isCovered)
      .reverse();
  }
}

/**
 * Drops objects with all that goes along with them, and under CASCADE all else that depends on them, of which a notice
 * tells. Throws 2BP01 where something does and CASCADE was not said. The caller has locked what was named.
 */
export async function dropObjects(
  run: DefinitionRun,
  named: readonly SchemaObject[],
  { isCascade }: { readonly isCascade: boolean },
): Promise<void> {
  const locked = new Set<number>();
  let doomed = doomedWith(run, named);
  // Other things may depend on them once the locks are there.
  for (;;) {
    const unlocked = [...touchedTables(doomed.list)].filter((oid) => !locked.has(oid));
    if (unlocked.length === 0) break;
    for (const oid of unlocked) {
      await run.lock(oid, 'exclusive');
      locked.add(oid);
    }
    doomed = doomedWith(run, named);
  }
  report(run, named, doomed.inTheWay, isCascade);
  drop(
    run,
    doomed.list.map(({ object }) => object),
  );
}

function doomedWith(run: DefinitionRun, named: readonly SchemaObject[]): DoomedObjects {
  const doomed = new DoomedObjects(run);
  for (const object of named) doomed.add(object, undefined, true);
  return doomed;
}

function report(
  run: DefinitionRun,
  named: readonly SchemaObject[],
  inTheWay: readonly Doomed[],
  isCascade: boolean,
): void {
  if (inTheWay.length === 0) return;
  const describe = (object: SchemaObject): string => describeObject(run, object);
  if (!isCascade) {
    const [only] = named;
    const message =
      named.length === 1
        ? `cannot drop ${describe(only)} because other objects depend on it`
        : 'cannot drop desired object(s) because other objects depend on them';
    throw new SqlError(SqlState.DependentObjectsStillExist, message, {
      detail: detailOf(
        inTheWay.map(
          ({ object, dependee }) =>
            `${describe(object)} depends on ${describe(dependee ?? object)}${arrayMark(object, dependee)}`,
        ),
      ),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    });
  }
  const lines = inTheWay.map(({ object }) => `drop cascades to ${describe(object)}`);
  if (lines.length === 1) run.notice(lines[0]);
  else run.notice(`drop cascades to ${lines.length} other objects`, { detail: detailOf(lines) });
}

/** A column may be of arrays over the type. */
function arrayMark(object: SchemaObject, dependee: SchemaObject | undefined): string {
  const isArray =
    object.kind === 'column' &&
    dependee?.kind === 'type' &&
    object.column.type.definition.elementOid === dependee.enum.oid;
  return isArray ? '[]' : '';
}

function detailOf(lines: readonly string[]): string {
  const hiddenCount = lines.length - MAX_REPORTED;
  if (hiddenCount <= 0) return lines.join('\n');
  const rest = `and ${hiddenCount} other ${hiddenCount === 1 ? 'object' : 'objects'} (see server log for list)`;
  return [...lines.slice(0, MAX_REPORTED), rest].join('\n');
}

function touchedTables(doomed: readonly Doomed[]): Set<number> {
  const oids = new Set<number>();
  for (const { object } of doomed) {
    if ('table' in object) oids.add(object.table.oid);
    else if (object.kind === 'view') oids.add(object.view.oid);
  }
  return oids;
}

/** Each table is changed once, whatever goes from it. */
function drop(run: DefinitionRun, objects: readonly SchemaObject[]): void {
  const { transaction } = run;
  const dropped = new Set(objects.flatMap((object) => (object.kind === 'table' ? [object.table.oid] : [])));
  const altered = new Map<number, TableDescriptor>();
  for (const object of objects) {
    if (!('table' in object) || dropped.has(object.table.oid)) continue;
    const table = altered.get(object.table.oid) ?? run.table(object.table.oid);
    altered.set(table.oid, withoutPart(table, object));
  }
  for (const table of altered.values()) transaction.schema.alterTable(table);
  for (const oid of dropped) transaction.schema.dropTable(oid);
  for (const object of objects) {
    switch (object.kind) {
      case 'sequence':
        // Those of columns went with them.
        if (run.catalog.sequenceByOid(object.sequence.oid) !== undefined) {
          transaction.sequences.drop(object.sequence.oid);
        }
        break;
      case 'type':
        transaction.schema.dropEnum(object.enum.oid);
        break;
      case 'view':
        transaction.schema.dropView(object.view.oid);
        break;
      case 'schema':
        transaction.schema.dropSchema(object.schema.oid);
        break;
      case 'table':
      case 'column':
      case 'default':
      case 'constraint':
      case 'index':
        break;
      default:
        unreachable(object);
    }
  }
}
