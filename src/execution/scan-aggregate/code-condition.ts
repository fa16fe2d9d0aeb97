import type { Column, DictionaryColumn } from '../../columnar/column.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { mayFail } from '../../sql/expression/may-fail.ts';
import { isVolatile } from '../../sql/expression/volatility.ts';
import { columnsUsed, hasSubquery, remapColumns, someExpression } from '../../sql/expression/walk-expression.ts';
import type { ExecutionContext } from '../execution-context.ts';

/** Of larger dictionaries not all strings are looked at for the sake of some rows. */
const MAX_STRINGS = 4096;

const NO_STRINGS = Dictionary.of([]);

/** What of a dictionary passes. */
interface CodeTable {
  /** 1 = the string of this code passes. */
  readonly passes: Uint8Array;
  readonly passingCount: number;
}

/** A condition on one column of texts which cannot fail: decided once for each string of a dictionary. */
export class CodeCondition {
  /** The one column. */
  readonly columns: readonly [number];
  /** The same over a batch of that column alone. */
  readonly filter: RowFilter;
  readonly passesNull: boolean;
  readonly #tables = new WeakMap<Dictionary, CodeTable>();

  private constructor(column: number, filter: RowFilter) {
    this.columns = [column];
    this.filter = filter;
    const nothing: Column = {
      kind: 'dictionary',
      codes: new Uint32Array(1),
      dictionary: NO_STRINGS,
      validity: new Uint8Array(1),
    };
    this.passesNull = filter.select({ rowCount: 1, columns: [nothing] }, new Uint32Array(1)) === 1;
  }

  /** undefined where the condition is another one. */
  static of(condition: Expression, context: ExecutionContext): CodeCondition | undefined {
    const columns = columnsUsed(condition);
    const [column] = columns;
    if (columns.length !== 1 || mayFail(condition) || isVolatile(condition) || hasSubquery(condition)) return undefined;
    if (!someExpression(condition, isTextColumn)) return undefined;
    return new CodeCondition(
      column,
      new RowFilter(
        remapColumns(condition, () => 0),
        context,
      ),
    );
  }

  /** undefined: the rows have to be asked themselves. */
  tableOf({ dictionary }: DictionaryColumn): CodeTable | undefined {
    const { size } = dictionary;
    if (size > MAX_STRINGS) return undefined;
    let table = this.#tables.get(dictionary);
    // One that is still written to has grown.
    if (table === undefined || table.passes.length < size) {
      table = this.#newTable(dictionary, size);
      this.#tables.set(dictionary, table);
    }
    return table;
  }

  #newTable(dictionary: Dictionary, size: number): CodeTable {
    const codes = Uint32Array.from({ length: size }, (_, code) => code);
    const strings: Column = { kind: 'dictionary', codes, dictionary, validity: undefined };
    const passing = new Uint32Array(size);
    const passingCount = this.filter.select({ rowCount: size, columns: [strings] }, passing);
    const passes = new Uint8Array(size);
    for (let index = 0; index < passingCount; index++) passes[passing[index]] = 1;
    return { passes, passingCount };
  }
}

function isTextColumn(part: Expression): boolean {
  return part.kind === 'column' && part.type.definition.representation === 'text';
}

/**
 * Writes what passes into the mask, or clears what does not where it `isNarrowed` by others already. Returns how many rows
 * are left.
 */
export function maskCodes(
  { codes, validity }: DictionaryColumn,
  { passes }: CodeTable,
  passesNull: boolean,
  rows: { readonly mask: Uint8Array; readonly rowCount: number; readonly isNarrowed: boolean },
): number {
  const { mask, rowCount, isNarrowed } = rows;
  let count = 0;
  if (validity === undefined && !isNarrowed) {
    for (let row = 0; row < rowCount; row++) {
      const passed = passes[codes[row]];
      mask[row] = passed;
      count += passed;
    }
    return count;
  }
  const ofNull = passesNull ? 1 : 0;
  for (let row = 0; row < rowCount; row++) {
    const isKept = isNarrowed ? mask[row] : 1;
    const passed = isKept & (validity === undefined || validity[row] === 1 ? passes[codes[row]] : ofNull);
    mask[row] = passed;
    count += passed;
  }
  return count;
}
