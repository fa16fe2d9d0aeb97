import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** A setting as pg_settings shows it to one session. */
export interface SettingFact {
  readonly name: string;
  /** In base units. */
  readonly setting: string;
  readonly unit: string | undefined;
  readonly category: string;
  readonly description: string;
  readonly context: string;
  readonly valueType: string;
  readonly source: string;
  readonly minimum: string | undefined;
  readonly maximum: string | undefined;
  readonly choices: readonly string[] | undefined;
  readonly bootValue: string;
  readonly resetValue: string;
}

export function* pgSettingsRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const fact of source.settings()) {
    const { name, setting, category, description, context, valueType, bootValue, resetValue } = fact;
    yield [
      name,
      setting,
      fact.unit ?? null,
      category,
      description,
      null,
      context,
      valueType,
      fact.source,
      fact.minimum ?? null,
      fact.maximum ?? null,
      fact.choices === undefined ? null : new SqlArray([...fact.choices]),
      bootValue,
      resetValue,
      null,
      null,
      false,
    ];
  }
}
