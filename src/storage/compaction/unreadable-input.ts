import { isDamage } from '../damage.ts';

/** A segment that was to be merged cannot be read. It stays as it is. */
export class UnreadableInput extends Error {
  override readonly name = 'UnreadableInput';
  readonly segmentName: string;

  constructor(segmentName: string, cause: Error) {
    super(cause.message, { cause });
    this.segmentName = segmentName;
  }
}

/** What to throw after an error in reading an input: whether it lies with the segment decides if it is tried again. */
export function inputError(segmentName: string, error: unknown): unknown {
  return isDamage(error) ? new UnreadableInput(segmentName, error) : error;
}
