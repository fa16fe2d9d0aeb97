import type { SqlType } from '../../types/type-definition.ts';

/** `ARRAY`, `USER-DEFINED`, or what SQL calls it. */
export function dataTypeName({ definition }: SqlType, isBuiltIn: boolean): string {
  if (definition.category === 'A') return 'ARRAY';
  return isBuiltIn ? definition.sqlName : 'USER-DEFINED';
}
