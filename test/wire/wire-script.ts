/** One behaviour of the protocol: what clients send, and what they get back. README.md tells the format. */
export interface WireScript {
  readonly path: string;
  readonly only: 'tidewire' | 'postgresql' | undefined;
  /** The conversation means something else when it is sent without waiting for answers. */
  readonly needsTurns: boolean;
  /** The server may say why it closes the connection, where PostgreSQL says it to its log alone. */
  readonly mayExplain: boolean;
  /** Fields of errors and notices that may differ. */
  readonly ignoredFields: ReadonlySet<string>;
  readonly setup: readonly string[];
  /** Run before and after, whether or not they fail: for what does not go with the script's schema. */
  readonly cleanup: readonly string[];
  readonly parts: readonly Part[];
}

/** Lines in the order of the file. */
export type Part = Passage | Exchange;

export interface Passage {
  readonly kind: 'passage';
  readonly line: string;
}

/** What one client sends at once, and what comes back. Nothing is sent where it only listens. */
export interface Exchange {
  readonly kind: 'exchange';
  readonly lineNumber: number;
  readonly connection: string;
  readonly sent: readonly string[];
  readonly expected: readonly string[];
}

const MESSAGE = /^(\w*)([<>])(?: (.*))?$/;

export function parseWireScript(path: string, text: string): WireScript {
  const parts: Part[] = [];
  const setup: string[] = [];
  const cleanup: string[] = [];
  const ignoredFields = new Set<string>();
  let only: WireScript['only'];
  let needsTurns = false;
  let mayExplain = false;
  let current: { lineNumber: number; connection: string; sent: string[]; expected: string[] } | undefined;
  for (const [index, line] of text.replace(/\n$/, '').split('\n').entries()) {
    const message = line.startsWith('#') ? null : MESSAGE.exec(line);
    if (message !== null) {
      const [, connection = '', direction, words = ''] = message;
      const isNew =
        current === undefined ||
        current.connection !== connection ||
        (direction === '>' && current.expected.length > 0);
      if (isNew || current === undefined) {
        current = { lineNumber: index + 1, connection, sent: [], expected: [] };
        parts.push({ kind: 'exchange', ...current });
      }
      (direction === '>' ? current.sent : current.expected).push(words);
      continue;
    }
    current = undefined;
    parts.push({ kind: 'passage', line });
    if (line === '' || line.startsWith('#')) continue;
    const [, directive, rest = ''] = /^(\w+) ?(.*)$/.exec(line) ?? [];
    if (directive === 'setup') setup.push(rest);
    else if (directive === 'cleanup') cleanup.push(rest);
    else if (directive === 'turns') needsTurns = true;
    else if (directive === 'explains') mayExplain = true;
    else if (directive === 'ignore') for (const field of rest.split(' ')) ignoredFields.add(field);
    else if (directive === 'only' && (rest === 'tidewire' || rest === 'postgresql')) only = rest;
    else throw new Error(`${path}:${index + 1}: cannot read: ${line}`);
  }
  return { path, only, needsTurns, mayExplain, ignoredFields, setup, cleanup, parts };
}

export function formatWireScript(parts: readonly Part[]): string {
  const lines = parts.flatMap((part) =>
    part.kind === 'passage'
      ? [part.line]
      : [
          ...part.sent.map((words) => `${part.connection}> ${words}`),
          ...part.expected.map((words) => `${part.connection}< ${words}`),
        ],
  );
  return `${lines.join('\n')}\n`;
}
