import { TEMPORARY_ALIAS } from '../catalog/temporary-schemas.ts';
import { invalidSetting } from './setting-values.ts';

/**
 * The names of a search path as it is written in the setting: folded to lower case unless quoted. Throws 22023 where a
 * quote stays open or a name is missing between commas.
 */
export function parseSearchPath(text: string): readonly string[] {
  const names: string[] = [];
  let at = skipBlanks(text, 0);
  if (at === text.length) return names;
  for (;;) {
    let name = '';
    if (text[at] === '"') {
      at++;
      for (;;) {
        const close = text.indexOf('"', at);
        if (close < 0) throw invalidSetting('search_path', text, { detail: 'List syntax is invalid.' });
        name += text.slice(at, close);
        at = close + 1;
        if (text[at] !== '"') break;
        name += '"';
        at++;
      }
    } else {
      const start = at;
      while (at < text.length && text[at] !== ',' && !isBlank(text[at])) at++;
      name = text.slice(start, at).toLowerCase();
      if (name === '') throw invalidSetting('search_path', text, { detail: 'List syntax is invalid.' });
    }
    names.push(name);
    at = skipBlanks(text, at);
    if (at === text.length) return names;
    if (text[at] !== ',') throw invalidSetting('search_path', text, { detail: 'List syntax is invalid.' });
    at = skipBlanks(text, at + 1);
  }
}

export interface SchemaLookup {
  readonly userName: string;
  exists(schemaName: string): boolean;
  /** Of the session's temporary objects, be it there or not. */
  readonly temporarySchema?: string;
}

/**
 * The schemas that names without a schema are looked up in, in order: those of the setting which exist, `$user` being
 * the schema named like the user and `pg_temp` that of temporary objects; this and then pg_catalog come first unless the
 * setting says where.
 */
export function effectiveSearchPath(setting: readonly string[], lookup: SchemaLookup): readonly string[] {
  const written = writtenSchemas(setting, lookup).filter((schema) => lookup.exists(schema));
  const { temporarySchema = '' } = lookup;
  const isImplicit = !written.includes(temporarySchema) && temporarySchema !== '' && lookup.exists(temporarySchema);
  return [
    ...(isImplicit ? [temporarySchema] : []),
    ...(written.includes('pg_catalog') ? [] : ['pg_catalog']),
    ...written,
  ];
}

/** Those of the setting alone, whether they exist or not: new objects go to the first one that does. */
export function writtenSchemas(
  setting: readonly string[],
  { userName, temporarySchema = TEMPORARY_ALIAS }: Omit<SchemaLookup, 'exists'>,
): readonly string[] {
  const schemas = setting.map((name) => {
    if (name === '$user') return userName;
    return name === TEMPORARY_ALIAS ? temporarySchema : name;
  });
  return [...new Set(schemas)];
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text[at])) at++;
  return at;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r' || character === '\f';
}
