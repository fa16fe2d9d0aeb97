import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Value } from './value.ts';

/** PostgreSQL's limits. */
export const MAX_DIMENSIONS = 6;
export const MAX_ELEMENTS = 134_217_727;

export function tooManyDimensions(count: number): SqlError {
  return new SqlError(
    SqlState.ProgramLimitExceeded,
    `number of array dimensions (${count}) exceeds the maximum allowed (${MAX_DIMENSIONS})`,
  );
}

export function tooManyElements(): SqlError {
  return new SqlError(SqlState.ProgramLimitExceeded, `array size exceeds the maximum allowed (${MAX_ELEMENTS})`);
}

/** An array value: elements in row-major order, per dimension its length and the subscript of its first element. */
export class SqlArray {
  readonly elements: readonly Value[];
  readonly dimensions: readonly number[];
  readonly lowerBounds: readonly number[];

  /**
   * One dimension from subscript 1 unless told otherwise; without elements, no dimensions at all. Throws 54000 for more
   * dimensions or elements than PostgreSQL takes.
   */
  constructor(elements: readonly Value[], dimensions?: readonly number[], lowerBounds?: readonly number[]) {
    const shape = dimensions ?? (elements.length === 0 ? [] : [elements.length]);
    if (shape.length > MAX_DIMENSIONS) {
      throw tooManyDimensions(shape.length);
    }
    if (elements.length > MAX_ELEMENTS) throw tooManyElements();
    this.elements = elements;
    this.dimensions = shape;
    this.lowerBounds = lowerBounds ?? shape.map(() => 1);
  }

  get isEmpty(): boolean {
    return this.elements.length === 0;
  }

  /** The element at these subscripts, one per dimension; NULL outside the bounds and for a wrong number of them. */
  at(...subscripts: readonly number[]): Value {
    if (subscripts.length !== this.dimensions.length || subscripts.length === 0) return null;
    let index = 0;
    for (let dimension = 0; dimension < subscripts.length; dimension++) {
      const offset = subscripts[dimension]! - this.lowerBounds[dimension]!;
      if (offset < 0 || offset >= this.dimensions[dimension]!) return null;
      index = index * this.dimensions[dimension]! + offset;
    }
    return this.elements[index] ?? null;
  }
}
