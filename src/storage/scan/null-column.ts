import type { Column } from '../../columnar/column.ts';
import { unreachable } from '../../errors/invariant.ts';
import type { Representation } from '../../types/type-definition.ts';

/** A column of nothing but NULLs: of a field that came later than the rows. */
export function nullColumn(representation: Representation, rowCount: number): Column {
  const validity = new Uint8Array(rowCount);
  switch (representation) {
    case 'float64':
    case 'int64':
      return { kind: 'number', values: new Float64Array(rowCount), validity };
    case 'boolean':
      return { kind: 'boolean', values: validity, validity };
    case 'text':
    case 'value':
      return { kind: 'value', values: new Array(rowCount).fill(null), validity };
    default:
      return unreachable(representation);
  }
}
