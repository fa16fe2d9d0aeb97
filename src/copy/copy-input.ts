import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

const FIRST_BYTES = 65_536;
/** A block's worth: rows are looked for when so much has come. */
const BLOCK_BYTES = 524_288;
/** PostgreSQL's limit of a line. */
const MAX_BYTES = 0x3fffffff;

/** The bytes that were sent and are in no row yet: between `start` and `end`. */
export class CopyInput {
  bytes: Uint8Array = new Uint8Array(roomFor(FIRST_BYTES));
  /** How many of `bytes` are for data. */
  capacity = FIRST_BYTES;
  start = 0;
  end = 0;
  isEnded = false;
  #wantedBytes = BLOCK_BYTES;

  /** Whether there is enough to look for rows. */
  get isFull(): boolean {
    return this.end - this.start >= this.#wantedBytes;
  }

  push(bytes: Uint8Array): void {
    if (this.end + bytes.length > this.capacity) this.#makeRoom(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** What came up to `position` is in rows now. */
  taken(position: number): void {
    this.start = position;
    this.#wantedBytes = BLOCK_BYTES;
  }

  /** Not even one row is whole: twice as much is needed before it is looked at again. Throws 54000 at the limit. */
  wantMore(): void {
    const pending = this.end - this.start;
    if (pending >= MAX_BYTES) throw new SqlError(SqlState.ProgramLimitExceeded, 'a line of the data is too long');
    this.#wantedBytes = Math.min(Math.max(pending * 2, BLOCK_BYTES), MAX_BYTES);
  }

  #makeRoom(count: number): void {
    const pending = this.end - this.start;
    let { capacity } = this;
    while (capacity < pending + count) capacity *= 2;
    // Half a block free at least, or every push would move what is there.
    if (pending > capacity / 2) capacity *= 2;
    const isSame = capacity === this.capacity;
    const bytes = isSame ? this.bytes : new Uint8Array(roomFor(capacity));
    if (isSame) bytes.copyWithin(0, this.start, this.end);
    else bytes.set(this.bytes.subarray(this.start, this.end));
    this.bytes = bytes;
    this.capacity = capacity;
    this.start = 0;
    this.end = pending;
  }
}

/** The data, a byte to spare, and as much for cells without their escapes (see `CellBlock`). */
function roomFor(capacity: number): number {
  return (capacity + 1) * 2;
}
