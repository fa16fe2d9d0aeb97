import type { Durability } from '../../../src/storage/seams/write-log.ts';
import type { Ledger } from './ledger.ts';
import { SimulationFailure } from './ledger.ts';
import {
  ModelRefusal,
  type ModelRow,
  type ModelState,
  type ModelTable,
  partitionOf,
  rowTexts,
  shapeText,
} from './model.ts';
import type { FoundTable } from './read-tables.ts';

type Found = ReadonlyMap<string, FoundTable>;

const SHOWN_ROWS = 6;

/** What must be there after a restart. */
export interface Expectation {
  readonly ledger: Ledger;
  readonly durability: Durability;
  /** Every commit up to here must be there, and nothing of a later one without all before it. */
  readonly survivesUpTo: number;
  /** In the mode `none`: rows of commits up to here must be there, since they had been flushed. */
  readonly rowsSurviveUpTo: number;
}

/** Throws unless the tables are those of the state. */
export function assertTables(found: Found, state: ModelState, what: string): void {
  const difference = describeDifference(found, state);
  if (difference !== undefined) throw new SimulationFailure(`${what}: ${difference}`);
}

/** The state of the model that a restarted server shows. Throws where it shows none that it may. */
export function matchRestarted(found: Found, expectation: Expectation): ModelState {
  const { ledger, survivesUpTo, rowsSurviveUpTo, durability } = expectation;
  const commits = ledger.possible();
  const state = ledger.base.copy();
  // By the number of commits in them; those that cannot be meant are left out.
  const states: ModelState[] = [];
  const firstAllowed = commits.filter(({ lsn }) => lsn! <= survivesUpTo).length;
  const firstRows = commits.filter(({ lsn }) => lsn! <= rowsSurviveUpTo).length;
  for (let count = 0; ; count++) {
    if (count >= firstAllowed || (durability === 'none' && count >= firstRows)) states[count] = state.copy();
    const commit = commits[count];
    if (commit === undefined) break;
    try {
      state.apply(commit.databaseName, commit.effects, commit.id);
    } catch (error) {
      if (!(error instanceof ModelRefusal)) throw error;
      throw new SimulationFailure(`commit ${commit.id} (LSN ${commit.lsn}) should have been refused: ${error.message}`);
    }
  }
  for (let count = states.length - 1; count >= firstAllowed; count--) {
    const matched =
      durability === 'none'
        ? matchUnlogged(found, states, count, expectation)
        : describeDifference(found, states[count]!) === undefined && states[count];
    if (matched) return matched;
  }
  const commitsText = commits
    .slice(firstAllowed)
    .map(({ id, lsn, outcome }) => `${id}@${lsn} ${outcome}`)
    .join(', ');
  const shown = [states[firstAllowed]!, states.at(-1)!].map((candidate) => describeDifference(found, candidate));
  throw new SimulationFailure(
    `after the restart the tables are those of no allowed moment; all up to LSN ${survivesUpTo} must be there, ` +
      `then may follow [${commitsText}]; against the first: ${shown[0]}; against the last: ${shown[1]}`,
  );
}

/** Without a log of rows, the catalog is that of one moment, and each partition holds its rows up to some moment. */
function matchUnlogged(
  found: Found,
  states: readonly ModelState[],
  count: number,
  { ledger, rowsSurviveUpTo }: Expectation,
): ModelState | undefined {
  const { tables } = states[count]!;
  if (found.size !== tables.size) return undefined;
  const commits = ledger.possible();
  const firstRows = commits.filter(({ lsn }) => lsn! <= rowsSurviveUpTo).length;
  const result = states[count]!.copy();
  for (const [id, table] of tables) {
    const read = found.get(id);
    if (read === undefined || read.shape !== shapeText(table.shape.columns)) return undefined;
    const matched = matchPartitions(
      read,
      table,
      states.slice(Math.min(firstRows, count)).map((state) => state.tables.get(id)),
    );
    if (matched === undefined) return undefined;
    result.tables.set(id, matched);
  }
  return result;
}

function matchPartitions(
  found: FoundTable,
  table: ModelTable,
  moments: readonly (ModelTable | undefined)[],
): ModelTable | undefined {
  const incarnations = moments.filter((moment) => moment?.createdBy === table.createdBy) as ModelTable[];
  // Before it was made, it held nothing.
  if (moments[0] === undefined || moments[0].createdBy !== table.createdBy) incarnations.unshift(table.withRows([]));
  const partitions = new Set(found.rows.map(({ partition }) => partition));
  for (const moment of incarnations) for (const row of moment.rows) partitions.add(partitionOf(row));
  const rows: ModelRow[] = [];
  for (const partition of partitions) {
    const texts = found.rows.filter((row) => row.partition === partition).map(({ text }) => text);
    const ofPartition = (moment: ModelTable) => [...moment.rows].filter((row) => partitionOf(row) === partition);
    const matching = incarnations.findLast((moment) => {
      // Columns that came later are NULL in all rows of an earlier moment.
      const written = rowTexts(table.shape, ofPartition(moment));
      return written.length === texts.length && written.every((text, index) => text === texts[index]);
    });
    if (matching === undefined) return undefined;
    rows.push(...ofPartition(matching).map((row) => withColumnsOf(table, row)));
  }
  return table.withRows(rows);
}

/** Values in columns that came later and are gone must not be there when such a column comes again. */
function withColumnsOf({ shape }: ModelTable, row: ModelRow): ModelRow {
  const names = new Set(shape.columns.map(({ name }) => name));
  return { ...row, values: new Map([...row.values].filter(([name]) => names.has(name))) };
}

function describeDifference(found: Found, { tables }: ModelState): string | undefined {
  for (const id of found.keys()) if (!tables.has(id)) return `table ${id} should not exist`;
  for (const [id, table] of tables) {
    const read = found.get(id);
    if (read === undefined) return `table ${id} (${table.rowCount} rows) is missing`;
    const shape = shapeText(table.shape.columns);
    if (read.shape !== shape) return `table ${id} has columns ${read.shape} instead of ${shape}`;
    const difference = describeRows(id, table, read);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function describeRows(id: string, table: ModelTable, read: FoundTable): string | undefined {
  const expected = rowTexts(table.shape, table.rows);
  const texts = read.rows.map(({ text }) => text);
  if (expected.length === texts.length && expected.every((text, index) => text === texts[index])) return undefined;
  const missing = without(expected, texts);
  const surplus = without(texts, expected);
  const shown = (rows: readonly string[]) => `${rows.length}: ${rows.slice(0, SHOWN_ROWS).join(' ')}`;
  return `table ${id} of ${expected.length} rows lacks ${shown(missing)} and has instead ${shown(surplus)}`;
}

/** `rows` less `others`, counted. */
function without(rows: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const count = counts.get(row) ?? 0;
    counts.set(row, count - 1);
    return count <= 0;
  });
}
