/** A line that cannot be stored. `line` counts from 1; `text` is the line itself, cut to a readable length. */
export class LineError extends Error {
  readonly line: number;
  readonly text: string;

  constructor(line: number, reason: string, text: string) {
    super(reason);
    this.name = 'LineError';
    this.line = line;
    this.text = text;
  }
}

const MAX_TEXT = 200;
const NEWLINE = 10;

/** The line of `body` that starts at byte `start`, for an error message. */
export function lineText(body: Buffer, start: number): string {
  const newline = body.indexOf(NEWLINE, start);
  const text = body.toString('utf8', start, newline < 0 ? body.length : newline).trimEnd();
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
