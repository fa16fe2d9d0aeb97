import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { type AclItem, PUBLIC_OID } from './acl.ts';

/** The letters of privileges in the order of their bits, as `formatAclItem` writes them. */
const LETTERS = 'arwdDxtXUCTcsA';
const ITEM = /^(?:group |user )?("(?:[^"]|"")*"|[^"=\s]*)=([a-zA-Z*]*)(?:\/("(?:[^"]|"")*"|[^"\s]+))?$/;

/** Reads `alice=r*w/postgres`. Throws 22P02 for what is no item, and what `roleOid` throws for an unknown role. */
export function parseAclItem(text: string, roleOid: (name: string) => number): AclItem {
  const match = ITEM.exec(text.trim());
  if (match === null) throw new SqlError(SqlState.InvalidTextRepresentation, 'missing "=" sign');
  const [, grantee = '', letters = '', grantor = ''] = match;
  let privileges = 0;
  let grantOptions = 0;
  let bit = 0;
  for (const letter of letters) {
    if (letter === '*') grantOptions |= bit;
    else {
      const at = LETTERS.indexOf(letter);
      if (at < 0) {
        throw new SqlError(SqlState.InvalidTextRepresentation, `invalid mode character: must be one of "${LETTERS}"`);
      }
      bit = 2 ** at;
      privileges |= bit;
    }
  }
  const oidOf = (name: string): number => (name === '' ? PUBLIC_OID : roleOid(unquoted(name)));
  return { grantee: oidOf(grantee), grantor: oidOf(grantor), privileges, grantOptions };
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
