/** What a session calls the schema of its temporary objects. */
export const TEMPORARY_ALIAS = 'pg_temp';

const PREFIX = 'pg_temp_';

/** The schema of the temporary objects of one session: made with the first of them. */
export function temporarySchemaName(processId: number): string {
  return `${PREFIX}${processId}`;
}

/** Whether a schema holds the temporary objects of some session. */
export function isTemporarySchema(name: string): boolean {
  return name.startsWith(PREFIX);
}
