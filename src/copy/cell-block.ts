/** In `CellBlock.ends`: the cell is NULL. */
export const NULL_CELL = -1;
/** In `CellBlock.ends`: the column's default is asked for. */
export const DEFAULT_CELL = -2;

/** Cells of one block: enough for batches worth an append, few enough for the tables of places to stay in the cache. */
const MAX_CELLS = 262_144;
const MAX_ROWS = 16_384;

/**
 * Where the cells of some rows stand, row by row:
 *
 *   bytes   | the data as it came, `capacity` bytes and one to spare | cells whose quotes or escapes were taken off |
 *
 * Cell c of row r has the place r · width + c in `starts` and `ends`. The second half has room for whatever the first one
 * may come to, since taking escapes off makes cells shorter.
 */
export class CellBlock {
  readonly width: number;
  readonly maxRows: number;
  bytes: Uint8Array = new Uint8Array(0);
  /** Over `bytes`. */
  buffer: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  starts: Int32Array;
  ends: Int32Array;
  /** Per row, where its line stands. */
  readonly rowStarts: Int32Array;
  readonly rowEnds: Int32Array;
  /** Per row, the number of the line on which it ends, as PostgreSQL counts them. */
  readonly lineNumbers: Float64Array;
  rowCount = 0;
  /** The block is full with so many. */
  rowLimit: number;
  /** Where the next cell without escapes goes. */
  scratchAt = 0;
  #scratchStart = 0;

  constructor(width: number, maxRows = Math.max(Math.min(MAX_ROWS, Math.floor(MAX_CELLS / Math.max(width, 1))), 16)) {
    this.width = width;
    this.maxRows = maxRows;
    this.rowLimit = maxRows;
    this.starts = new Int32Array(maxRows * width);
    this.ends = new Int32Array(maxRows * width);
    this.rowStarts = new Int32Array(maxRows);
    this.rowEnds = new Int32Array(maxRows);
    this.lineNumbers = new Float64Array(maxRows);
  }

  /** Data goes into the first `capacity` bytes from now on; what is there stays. */
  useBytes(bytes: Uint8Array, capacity: number): void {
    this.bytes = bytes;
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#scratchStart = capacity;
    this.scratchAt = capacity;
  }

  get scratchStart(): number {
    return this.#scratchStart;
  }

  /** No rows. */
  clear(): void {
    this.rowCount = 0;
    this.rowLimit = this.maxRows;
    this.scratchAt = this.#scratchStart;
  }

  /** The text of a cell that holds one. The bytes are UTF-8. */
  text(cell: number): string {
    return this.buffer.toString('utf8', this.starts[cell], this.ends[cell]);
  }

  /** The line of a row as it came, without its end. */
  line(row: number): Uint8Array {
    return this.bytes.subarray(this.rowStarts[row], this.rowEnds[row]);
  }
}
