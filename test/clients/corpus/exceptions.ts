/** A difference that is as it should be. */
interface Exception {
  /** In the statement. */
  readonly statement: RegExp;
  /** In what differs; absent: whatever it is. */
  readonly difference?: RegExp;
  readonly reason: string;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    statement: /\bversion\(\)|server_version/i,
    difference: /^rows/,
    reason: 'the version names this server',
  },
  {
    statement: /pg_catalog\.pg_database|FROM pg_database/,
    difference: /^rows/,
    reason: 'the other databases of each server are listed too, and PostgreSQL has two templates',
  },
  {
    statement: /FROM pg_catalog\.pg_namespace/,
    difference: /^rows: [01] missing, 2 surplus/,
    reason: 'there are two schemas more, tidewire and timescaledb_information, and no pg_toast',
  },
  {
    statement: /pg_language|pg_extension|pg_available_extensions|'13559'/,
    difference: /plpgsql|postgres_fdw/,
    reason: 'there is no PL/pgSQL, nor a foreign-data wrapper',
  },
  {
    statement: /pg_class/,
    difference: /"pg_toast"|pg_stat_statements/,
    reason: 'values are not kept in TOAST tables; pg_stat_statements is there without being created',
  },
  {
    statement: /DISTINCT ON \(t\.relname, ic\.relname, k\.i\)/,
    difference: /_ops/,
    reason: 'the statement takes one of several operator classes, with no order that says which',
  },
  {
    statement: /information_schema"\."columns/,
    difference: /missing.*"information_schema","_pg_/,
    reason: "the collations of the columns of the system's views are not told one by one",
  },
  {
    statement: /FROM pg_catalog\.pg_settings s\s+WHERE s\.source <> 'default'/,
    difference: /^rows/,
    reason: 'each server is configured in its own way and place',
  },
];

/** The reason why a statement's answer differs, where there is a good one. */
export function exceptionFor(_file: string, statement: string, difference: string): string | undefined {
  return EXCEPTIONS.find(
    (exception) => exception.statement.test(statement) && (exception.difference?.test(difference) ?? true),
  )?.reason;
}

const NO_DESCRIPTIONS = 'what is built in has no descriptions, and some of it is not there';
const NO_TEXT_SEARCH = 'there is no text search';
const TWO_SCHEMAS = 'there are two schemas more, tidewire and timescaledb_information';
const NO_PLPGSQL = 'there is no PL/pgSQL; the extension that is there is timescaledb';

/** psql's commands that print something else, each with the reason. */
export const PSQL_EXCEPTIONS: Readonly<Record<string, string>> = {
  '\\l': 'the other databases of each server are listed too, and PostgreSQL has two templates',
  '\\dn': TWO_SCHEMAS,
  '\\dn+': TWO_SCHEMAS,
  '\\dx': NO_PLPGSQL,
  '\\dx+': NO_PLPGSQL,
  '\\dL': NO_PLPGSQL,
  '\\dF': NO_TEXT_SEARCH,
  '\\dFd': NO_TEXT_SEARCH,
  '\\dFp': NO_TEXT_SEARCH,
  '\\dFt': NO_TEXT_SEARCH,
  '\\df+ abs': NO_DESCRIPTIONS,
  '\\df+ lower': NO_DESCRIPTIONS,
  '\\df time*': 'functions of types and of TimescaleDB come and go with them',
  '\\da sum': NO_DESCRIPTIONS,
  '\\do ||': NO_DESCRIPTIONS,
  '\\dC integer': 'casts are listed with those that are there alone',
  '\\dT integer': NO_DESCRIPTIONS,
};
