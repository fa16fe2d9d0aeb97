/**
 * A line of a wire script is made of words: bare ones, JSON strings, bytes (`\x00ff`), and lists in parentheses.
 *
 *   Bind "" s1 (1 NULL "a b" \x00000001) formats=text results=binary
 */
export type Word =
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'list'; readonly words: readonly Word[] }
  | { readonly kind: 'option'; readonly name: string; readonly value: string };

const TOKEN = /\s*(?:(\()|(\))|\\x([0-9a-f]*)|([\w.]+)=("(?:[^"\\]|\\.)*"|[^\s()]*)|("(?:[^"\\]|\\.)*")|([^\s()"]+))/y;

export function parseWords(line: string): readonly Word[] {
  const stack: Word[][] = [[]];
  const token = new RegExp(TOKEN);
  const text = line.trimEnd();
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new Error(`cannot read: ${text.slice(at)}`);
    const [, open, close, hex, name, value, quoted, bare] = found;
    const words = stack.at(-1)!;
    if (open !== undefined) {
      stack.push([]);
    } else if (close !== undefined) {
      const list = stack.pop()!;
      if (stack.length === 0) throw new Error(`a parenthesis too many: ${text}`);
      stack.at(-1)!.push({ kind: 'list', words: list });
    } else if (hex !== undefined) {
      words.push({ kind: 'bytes', bytes: Buffer.from(hex, 'hex') });
    } else if (name !== undefined) {
      words.push({ kind: 'option', name, value: unquoted(value ?? '') });
    } else if (quoted !== undefined) {
      words.push({ kind: 'text', text: unquoted(quoted), isQuoted: true });
    } else {
      words.push({ kind: 'text', text: bare ?? '', isQuoted: false });
    }
  }
  if (stack.length !== 1) throw new Error(`a parenthesis is left open: ${text}`);
  return stack[0]!;
}

function unquoted(text: string): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

/** A text as a word: bare where that cannot be misread. */
export function writeText(text: string): string {
  return /^[\w.:+\-/,#<>@]+$/.test(text) && text !== 'NULL' ? text : JSON.stringify(text);
}

/** A value as a word: text if it is text that one can read, else its bytes. */
export function writeValue(bytes: Buffer | null): string {
  if (bytes === null) return 'NULL';
  const text = bytes.toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what cannot be seen is shown as bytes
  const isReadable = Buffer.from(text, 'utf8').equals(bytes) && !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text);
  return isReadable ? writeText(text) : `\\x${bytes.toString('hex')}`;
}
