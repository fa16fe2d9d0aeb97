import { readFile } from 'node:fs/promises';
import { clientAction } from '../../wire/client-message.ts';
import { findWireScripts } from '../../wire/find-wire-scripts.ts';
import { parseWireScript } from '../../wire/wire-script.ts';
import type { FuzzMessage } from './mutate.ts';

/** Valid conversations to make invalid ones of. */
export interface Conversations {
  /** What comes first on a connection, with what would come after it. */
  readonly startup: readonly (readonly FuzzMessage[])[];
  /** What comes from a client that is logged in. */
  readonly loggedIn: readonly (readonly FuzzMessage[])[];
}

/** What these do outlives a connection, or waits for another one. */
const LEFT_OUT = /\/(cancel|roles|authentication|tls|databases|listen)\/|\/(schemas|roles|connection-lost|terminate)\b/;

/** The clients' side of the wire scripts. Their tables are not there: `t` has the columns that most of them use. */
export async function recordedConversations(): Promise<Conversations> {
  const startup: FuzzMessage[][] = [];
  const loggedIn: FuzzMessage[][] = [];
  const world = { user: 'postgres', database: 'postgres', key: () => Buffer.alloc(8) };
  for (const path of await findWireScripts()) {
    if (LEFT_OUT.test(path)) continue;
    const script = parseWireScript(path, await readFile(path, 'utf8'));
    const lines = script.parts.flatMap((part) =>
      part.kind === 'exchange' ? part.sent.filter((line) => !/^(Raw|Connect|End|Drop|Pause)\b/.test(line)) : [],
    );
    const messages = lines
      .map((line) => messageOf(line, world))
      .filter(({ body, code }) => code !== undefined || body.length > 0);
    if (messages.length === 0) continue;
    const isStartup = messages[0]!.code === undefined;
    (isStartup ? startup : loggedIn).push(messages);
  }
  return { startup, loggedIn };
}

function messageOf(line: string, world: Parameters<typeof clientAction>[1]): FuzzMessage {
  const { bytes } = clientAction(line, world);
  if (/^(Startup|SSLRequest|GSSENCRequest|CancelRequest)\b/.test(line))
    return { code: undefined, body: bytes.subarray(4) };
  return { code: bytes[0], body: bytes.subarray(5) };
}
