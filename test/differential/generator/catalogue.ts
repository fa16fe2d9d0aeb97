import { OWN_TYPES } from './values.ts';

/** What can be called, as PostgreSQL's catalogs have it. Types go by pg_type.typname: int4, _text. */
export interface Catalogue {
  readonly types: readonly CatalogueType[];
  readonly functions: readonly FunctionSignature[];
  readonly operators: readonly OperatorSignature[];
  readonly casts: readonly CastSignature[];
}

export interface CatalogueType {
  readonly oid: number;
  readonly name: string;
  /** The type of the elements, of arrays only. */
  readonly element: string | undefined;
}

export interface FunctionSignature {
  readonly oid: number;
  readonly name: string;
  readonly kind: 'scalar' | 'table' | 'aggregate' | 'window' | 'ordered-set' | 'hypothetical-set';
  readonly arguments: readonly string[];
  readonly result: string;
  /** The last argument is the element type of VARIADIC. */
  readonly isVariadic: boolean;
  /** How many of the last arguments have defaults. */
  readonly defaultCount: number;
}

export interface OperatorSignature {
  readonly oid: number;
  readonly name: string;
  readonly left: string | undefined;
  readonly right: string;
  readonly result: string;
}

export interface CastSignature {
  readonly source: string;
  readonly target: string;
}

/** What a server has of it, by OID. */
export interface Supported {
  readonly types: ReadonlySet<number>;
  readonly functions: ReadonlySet<number>;
  readonly operators: ReadonlySet<number>;
}

/** Answers that nobody can compare: of this moment, of this server, or of another file of the disk. */
const INCOMPARABLE =
  /^(pg_|has_|row_security|txid_|inet_|lo_|xml|query_to|table_to|database_to|schema_to|cursor_to|dblink|ts_|binary_upgrade|currtid|current_|session_|set_config|version$|now$|timeofday|clock_|statement_|transaction_|random|setseed|gen_random|nextval|setval|lastval|currval|getdatabase|get_|obj_desc|col_desc|shobj|format_type|to_reg|hash|.*_(in|out|send|recv|typanalyze|support|sortsupport|hash|hash_extended)$|.*(hash|hashextended)$|bt.*cmp|in_range|gin_|gist_|spg_|brin|acl|makeacl|mxid|xid|age$|convert|getpgusername|quote_ident_internal|amvalidate|unique_key|RI_FKey|suppress_|trigger_|tsvector|regexp_split_to_table|regexp_matches|float8_|float4_|numeric_(accum|avg|sum|stddev|var|comb|ser|deser|poly)|int[248]_(accum|avg|sum)|interval_(accum|avg|comb)|.*(_accum|_accum_inv|_combine|serialize|_transfn|_finalfn|_final)$|array_agg_|string_agg_|json_agg_|jsonb_agg_|json_object_agg_|jsonb_object_agg_|mode_final|percentile_.*_final|rank_final|dense_rank_final|cume_dist_final|percent_rank_final|hypothetical_|ordered_set_|window_|datetime_|is_other_temp|my_temp|oidvectortypes|unknownin|bpcharlen|similar_escape$|gtsvector|elem_contained|range|multirange|json_populate|jsonb_populate|json_to_record|jsonb_to_record|any_value_)/;

/** Of PostgreSQL's catalogs, what has only types and functions that `supported` knows (or all, when undefined). */
export function restrictCatalogue(catalogue: Catalogue, supported: Supported | undefined): Catalogue {
  const types = catalogue.types.filter(({ oid, name }) => supported?.types.has(oid) !== false && !PSEUDO.has(name));
  // Enums are made as they are needed, where there are any.
  const hasEnums = supported?.types.has(ANYENUM_OID) !== false;
  if (hasEnums) types.push(...OWN_TYPES.map(({ name }) => ({ oid: 0, name, element: undefined })));
  const usable = new Set([...types.map(({ name }) => name), ...POLYMORPHIC, 'record', 'any']);
  const isUsable = (names: readonly (string | undefined)[]) => names.every((n) => n === undefined || usable.has(n));
  return {
    types,
    functions: catalogue.functions.filter(
      (signature) =>
        supported?.functions.has(signature.oid) !== false &&
        !INCOMPARABLE.test(signature.name) &&
        signature.name !== 'char' &&
        isUsable([...signature.arguments, signature.result]),
    ),
    operators: catalogue.operators.filter(
      ({ oid, left, right, result }) => supported?.operators.has(oid) !== false && isUsable([left, right, result]),
    ),
    casts: catalogue.casts.filter(
      // Texts and numbers as a "char" are bytes, which go on as texts of half a character; later versions escape them, as we do.
      ({ source, target }) => isUsable([source, target]) && target !== 'char',
    ),
  };
}

const ANYENUM_OID = 3500;

export const POLYMORPHIC: ReadonlySet<string> = new Set([
  'anyelement',
  'anynonarray',
  'anyarray',
  'anycompatible',
  'anycompatiblenonarray',
  'anycompatiblearray',
  'any',
]);
const PSEUDO: ReadonlySet<string> = new Set([...POLYMORPHIC, 'anyenum', 'record', 'void', 'unknown', 'cstring']);

type Ask = (sql: string) => Promise<readonly (readonly (string | null)[])[]>;

/** Reads pg_catalog of a PostgreSQL; in an order which only its version decides. */
export async function loadCatalogue(ask: Ask): Promise<Catalogue> {
  const types = await ask(
    `SELECT t.oid, t.typname, e.typname FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
     WHERE t.typnamespace = 11 AND t.typrelid = 0 AND t.oid < 10000 ORDER BY t.oid`,
  );
  const nameOf = new Map(types.map(([oid, name]) => [oid, name ?? '']));
  const typeName = (oid: string | null) => nameOf.get(oid) ?? '?';
  const functions = await ask(
    `SELECT p.oid, proname, prokind, proretset, aggkind, proargtypes, prorettype, provariadic <> 0, pronargdefaults
     FROM pg_proc p LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
     WHERE pronamespace = 11 AND provolatile <> 'v' AND p.oid < 10000 ORDER BY p.oid`,
  );
  const operators = await ask(
    `SELECT oid, oprname, oprleft, oprright, oprresult FROM pg_operator WHERE oprnamespace = 11 AND oprcode <> 0 ORDER BY oid`,
  );
  const casts = await ask('SELECT castsource, casttarget FROM pg_cast WHERE oid < 16384 ORDER BY oid');
  return {
    types: types.map(([oid, name, element]) => ({ oid: Number(oid), name: name ?? '', element: element ?? undefined })),
    functions: functions.map(
      ([oid, name, kind, isSet, aggregateKind, argumentTypes, result, isVariadic, defaults]) => ({
        oid: Number(oid),
        name: name ?? '',
        kind: kindOf(kind, isSet, aggregateKind),
        arguments: (argumentTypes ?? '').split(' ').filter(Boolean).map(typeName),
        result: typeName(result),
        isVariadic: isVariadic === 't',
        defaultCount: Number(defaults),
      }),
    ),
    operators: operators.map(([oid, name, left, right, result]) => ({
      oid: Number(oid),
      name: name ?? '',
      left: left === '0' ? undefined : typeName(left),
      right: typeName(right),
      result: typeName(result),
    })),
    casts: casts.map(([source, target]) => ({ source: typeName(source), target: typeName(target) })),
  };
}

function kindOf(kind: string | null, isSet: string | null, aggregateKind: string | null): FunctionSignature['kind'] {
  if (kind === 'w') return 'window';
  if (kind !== 'a') return isSet === 't' ? 'table' : 'scalar';
  return aggregateKind === 'o' ? 'ordered-set' : aggregateKind === 'h' ? 'hypothetical-set' : 'aggregate';
}
