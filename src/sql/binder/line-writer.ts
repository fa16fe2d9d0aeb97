interface LineOptions {
  /** What the indent changes by before the line begins, and behind it. */
  readonly before?: number;
  readonly after?: number;
  /** More blanks for this line alone. */
  readonly plus?: number;
}

/** Text in lines, indented as PostgreSQL prints queries. */
export class LineWriter {
  indent: number;
  #text = '';

  constructor(indent: number) {
    this.indent = indent;
  }

  get text(): string {
    return this.#text;
  }

  write(text: string): void {
    this.#text += text;
  }

  /** A new line that begins with `text`; blanks at the end of the line before go. */
  line(text: string, { before = 0, after = 0, plus = 0 }: LineOptions = {}): void {
    this.indent += before;
    this.trim();
    this.#text += `\n${' '.repeat(Math.max(this.indent, 0) + plus)}${text}`;
    this.indent = Math.max(this.indent + after, 0);
  }

  trim(): void {
    this.#text = this.#text.replace(/ +$/, '');
  }
}
