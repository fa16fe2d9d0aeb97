import type { AccessControl } from '../catalog/access/access-control.ts';
import { defaultAcl, formatAclItem, privilegeOf, privilegeWords } from '../catalog/access/acl.ts';
import { parseAclItem } from '../catalog/access/parse-acl-item.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { Database } from '../database/database.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type {
  CatalogRow,
  ChunkFact,
  ConnectionEnds,
  ExplodedAcl,
  PrivilegeInquiry,
  SystemFacts,
  TimeZoneRow,
} from '../functions/catalog/system-facts.ts';
import type { CatalogLookup } from '../pg-catalog/catalog-lookup.ts';
import { KEYWORD_FACTS } from '../pg-catalog/facts/keyword-facts.ts';
import { isTrue, readFacts } from '../pg-catalog/facts/read-facts.ts';
import { partitionName } from '../pg-catalog/partition-name.ts';
import { regionNames } from '../types/regional-time-zone.ts';
import { abbreviatedTimeZone, type TimeZone, timeZone } from '../types/time-zone.ts';
import { abbreviations } from '../types/time-zone-abbreviations.ts';
import type { Value } from '../types/value.ts';
import { hasPrivilege, type InquiryWorld } from './privilege-inquiry.ts';

const MICROS_PER_SECOND = 1_000_000;

/** What acldefault's letters stand for. */
const ACL_LETTERS = {
  c: 'column',
  r: 'table',
  s: 'sequence',
  d: 'database',
  f: 'function',
  l: 'language',
  n: 'schema',
  t: 'tablespace',
  T: 'type',
  p: 'parameter',
} as const;

/** Large objects, foreign-data wrappers and servers: their owner may do what there is to do. */
const OTHER_ACLS: Readonly<Record<string, string>> = { L: 'rw', F: 'U', S: 'U' };

export interface SystemFactsOptions {
  readonly lookup: CatalogLookup;
  readonly catalog: () => CatalogReader;
  readonly access: () => AccessControl;
  readonly inquiry: () => Omit<InquiryWorld, 'access' | 'catalog'>;
  readonly database: () => Database;
  readonly transactionId: () => number;
  readonly writerNumber: () => number;
  readonly connection: () => ConnectionEnds | undefined;
  readonly temporarySchema: () => string;
  readonly viewText: (oid: number) => string | undefined;
  readonly nowMicros: () => number;
}

/** What functions about the system ask of one session. */
export class SessionSystemFacts implements SystemFacts {
  readonly #options: SystemFactsOptions;

  constructor(options: SystemFactsOptions) {
    this.#options = options;
  }

  row(table: string, oid: number): CatalogRow | undefined {
    return this.#options.lookup.row(table, oid);
  }

  rowsWith(table: string, column: string, value: Value): readonly CatalogRow[] {
    return this.#options.lookup.rowsWith(table, column, value);
  }

  rows(table: string): readonly CatalogRow[] {
    return this.#options.lookup.rows(table);
  }

  hasPrivilege(inquiry: PrivilegeInquiry): boolean | null {
    const { access, catalog, inquiry: world } = this.#options;
    return hasPrivilege({ access: access(), catalog: catalog(), ...world() }, inquiry);
  }

  defaultAcl(letter: string, ownerOid: number): readonly string[] | undefined {
    const other = OTHER_ACLS[letter];
    if (other !== undefined) return [`${this.#roleName(ownerOid)}=${other}/${this.#roleName(ownerOid)}`];
    const kind = ACL_LETTERS[letter as keyof typeof ACL_LETTERS];
    if (kind === undefined) return undefined;
    return defaultAcl(kind, ownerOid).map((item) => formatAclItem(item, (oid) => this.#roleName(oid)));
  }

  explodeAcl(items: readonly string[]): readonly ExplodedAcl[] {
    return items.flatMap((text) => {
      const { grantee, grantor, privileges, grantOptions } = parseAclItem(text, (name) => this.#roleOid(name));
      return privilegeWords(privileges).map((privilege) => {
        const isGrantable = (grantOptions & (privilegeOf(privilege) ?? 0)) !== 0;
        return { grantee, grantor, privilege, isGrantable };
      });
    });
  }

  makeAclItem(grantee: number, grantor: number, privileges: string, isGrantable: boolean): string {
    let bits = 0;
    for (const word of privileges.split(',')) {
      const bit = privilegeOf(word.trim());
      if (bit === undefined) {
        throw new SqlError(SqlState.InvalidParameterValue, `unrecognized privilege type: "${word.trim()}"`);
      }
      bits |= bit;
    }
    const item = { grantee, grantor, privileges: bits, grantOptions: isGrantable ? bits : 0 };
    return formatAclItem(item, (oid) => this.#roleName(oid));
  }

  /** What is in memory alone takes no room yet. */
  relationBytes(oid: number): number | undefined {
    if (this.row('pg_class', oid) === undefined) return undefined;
    return this.#options.database().tableFact(oid).sizeBytes;
  }

  chunks(oid: number): readonly ChunkFact[] | undefined {
    const table = this.#options.catalog().tableByOid(oid);
    if (table?.timeSeries === undefined) return undefined;
    const { partitionMicros } = table.timeSeries;
    return this.#options
      .database()
      .tableFact(oid)
      .partitions.map(({ number, segments }): ChunkFact => {
        const fromMicros = number * partitionMicros;
        return {
          schemaName: table.schemaName,
          name: partitionName(table.name, fromMicros),
          fromMicros,
          toMicros: fromMicros + partitionMicros,
          rowCount: segments.reduce((sum, { rowCount }) => sum + rowCount, 0),
          sizeBytes: segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        };
      });
  }

  databaseBytes(oid: number): number | undefined {
    return this.#options.database().databaseBytes(oid);
  }

  transactionId(): number {
    return this.#options.transactionId();
  }

  connection(): ConnectionEnds | undefined {
    return this.#options.connection();
  }

  writerNumber(): number {
    return this.#options.writerNumber();
  }

  temporarySchemaOid(): number {
    return this.#options.catalog().schema(this.#options.temporarySchema())?.oid ?? 0;
  }

  viewText(oid: number): string | undefined {
    return this.#options.viewText(oid);
  }

  *keywords(): Iterable<readonly [word: string, code: string, isBareLabel: boolean]> {
    for (const { word, catcode, barelabel } of readFacts(KEYWORD_FACTS)) {
      yield [word ?? '', catcode ?? 'U', isTrue(barelabel ?? null)];
    }
  }

  *timeZones(): Iterable<TimeZoneRow> {
    const now = this.#options.nowMicros();
    for (const name of regionNames()) {
      const row = zoneRow(timeZone(name), now);
      if (row !== undefined) yield { ...row, name };
    }
  }

  *timeZoneAbbreviations(): Iterable<Omit<TimeZoneRow, 'name'>> {
    const now = this.#options.nowMicros();
    for (const abbreviation of abbreviations()) {
      const row = zoneRow(abbreviatedTimeZone(abbreviation), now);
      if (row !== undefined) yield { ...row, abbreviation };
    }
  }

  #roleName(oid: number): string {
    return this.#options.access().shared.role(oid)?.name ?? String(oid);
  }

  #roleOid(name: string): number {
    const found = this.#options.access().shared.roleByName(name);
    if (found !== undefined) return found.oid;
    throw new SqlError(SqlState.UndefinedObject, `role "${name}" does not exist`);
  }
}

/** How a zone relates to UTC at a moment: it is summer where clocks are ahead of what they are in one of two half-years. */
function zoneRow(zone: TimeZone | undefined, now: number): Omit<TimeZoneRow, 'name'> | undefined {
  if (zone === undefined) return undefined;
  const offset = zone.offsetMicrosAt(now);
  const halfYear = 182 * 86_400 * MICROS_PER_SECOND;
  const lowest = Math.min(zone.offsetMicrosAt(now - halfYear), zone.offsetMicrosAt(now + halfYear));
  return {
    abbreviation: zone.abbreviationAt(now),
    offsetSeconds: offset / MICROS_PER_SECOND,
    isSummer: offset > lowest,
  };
}
