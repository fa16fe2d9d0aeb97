import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { type EncodingName, encodedUtf8, encodingNamed, isConvertible } from '../types/text-encoding.ts';
import type { ColumnChoice, CopyFormat, CopyOption, CopyOptionValue } from './copy-format.ts';

const TAB = '\t';

/** What was written for each option, before it is known whether they go together. */
interface Written {
  format: CopyFormat['kind'];
  freeze: boolean;
  delimiter: string | undefined;
  nullText: string | undefined;
  defaultText: string | undefined;
  header: CopyFormat['header'];
  quote: string | undefined;
  escape: string | undefined;
  forceQuote: ColumnChoice | undefined;
  forceNotNull: ColumnChoice | undefined;
  forceNull: ColumnChoice | undefined;
  encoding: EncodingName | undefined;
  onError: CopyFormat['onError'];
  logVerbosity: CopyFormat['logVerbosity'];
  rejectLimit: number | undefined;
}

type Reader = (written: Written, option: CopyOption, isFrom: boolean) => void;

const READERS: Readonly<Record<string, Reader>> = {
  format: (written, option) => {
    const text = textOf(option);
    if (text !== 'text' && text !== 'csv' && text !== 'binary') {
      throw invalid(`COPY format "${text}" not recognized`, option);
    }
    written.format = text;
  },
  freeze: (written, option) => {
    written.freeze = truthOf(option, `${option.name} requires a Boolean value`);
  },
  delimiter: (written, option) => {
    written.delimiter = textOf(option);
  },
  null: (written, option) => {
    written.nullText = textOf(option);
  },
  default: (written, option) => {
    written.defaultText = textOf(option);
  },
  header: (written, option, isFrom) => {
    written.header = headerOf(option, isFrom);
  },
  quote: (written, option) => {
    written.quote = textOf(option);
  },
  escape: (written, option) => {
    written.escape = textOf(option);
  },
  force_quote: (written, option) => {
    written.forceQuote = columnsOf(option);
  },
  force_not_null: (written, option) => {
    written.forceNotNull = columnsOf(option);
  },
  force_null: (written, option) => {
    written.forceNull = columnsOf(option);
  },
  encoding: (written, option) => {
    written.encoding = encodingOf(option);
  },
  on_error: (written, option, isFrom) => {
    const text = textOf(option);
    if (!isFrom) throw invalid('COPY ON_ERROR cannot be used with COPY TO', option);
    const choice = text.toLowerCase();
    if (choice !== 'stop' && choice !== 'ignore') throw invalid(`COPY ON_ERROR "${text}" not recognized`, option);
    written.onError = choice;
  },
  log_verbosity: (written, option) => {
    const text = textOf(option);
    const choice = text.toLowerCase();
    if (choice !== 'silent' && choice !== 'default' && choice !== 'verbose') {
      throw invalid(`COPY LOG_VERBOSITY "${text}" not recognized`, option);
    }
    written.logVerbosity = choice;
  },
  reject_limit: (written, option) => {
    const limit = Number(textOf(option));
    if (!Number.isInteger(limit)) {
      throw new SqlError(SqlState.SyntaxError, `${option.name} requires a numeric value`);
    }
    if (limit <= 0) {
      throw new SqlError(SqlState.InvalidParameterValue, `REJECT_LIMIT (${limit}) must be greater than zero`);
    }
    written.rejectLimit = limit;
  },
};

/** Reads the options as PostgreSQL does, and throws what it throws. */
export function readCopyOptions(
  options: readonly CopyOption[],
  isFrom: boolean,
  clientEncoding: EncodingName = 'UTF8',
): CopyFormat {
  const written: Written = {
    format: 'text',
    freeze: false,
    delimiter: undefined,
    nullText: undefined,
    defaultText: undefined,
    header: 'none',
    quote: undefined,
    escape: undefined,
    forceQuote: undefined,
    forceNotNull: undefined,
    forceNull: undefined,
    encoding: undefined,
    onError: 'stop',
    logVerbosity: 'default',
    rejectLimit: undefined,
  };
  const seen = new Set<string>();
  for (const option of options) {
    const { name, position } = option;
    const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (read === undefined) {
      throw new SqlError(SqlState.SyntaxError, `option "${name}" not recognized`, { position });
    }
    if (seen.has(name)) throw new SqlError(SqlState.SyntaxError, 'conflicting or redundant options', { position });
    seen.add(name);
    read(written, option, isFrom);
  }
  const encoding = written.encoding ?? clientEncoding;
  return checked(written, { isFrom, hasHeader: written.header !== 'none', encoding });
}

function checked(
  written: Written,
  { isFrom, hasHeader, encoding }: { isFrom: boolean; hasHeader: boolean; encoding: EncodingName },
): CopyFormat {
  const { format, forceQuote, forceNotNull, forceNull, defaultText } = written;
  const isCsv = format === 'csv';
  if (format === 'binary') {
    if (written.delimiter !== undefined) throw syntax('cannot specify DELIMITER in BINARY mode');
    if (written.nullText !== undefined) throw syntax('cannot specify NULL in BINARY mode');
    if (defaultText !== undefined) throw syntax('cannot specify DEFAULT in BINARY mode');
  }
  const delimiter = written.delimiter ?? (isCsv ? ',' : TAB);
  const nullText = written.nullText ?? (isCsv ? '' : '\\N');
  const quote = written.quote ?? '"';
  const escapeText = written.escape ?? quote;
  if (!isOneByte(delimiter)) throw refused('COPY delimiter must be a single one-byte character');
  if (/[\r\n]/.test(delimiter)) throw wrong('COPY delimiter cannot be newline or carriage return');
  if (/[\r\n]/.test(nullText)) throw wrong('COPY null representation cannot use newline or carriage return');
  if (defaultText !== undefined && /[\r\n]/.test(defaultText)) {
    throw wrong('COPY default representation cannot use newline or carriage return');
  }
  if (!isCsv && /[\\.a-z0-9]/.test(delimiter)) throw wrong(`COPY delimiter cannot be "${delimiter}"`);
  if (format === 'binary' && hasHeader) throw refused('cannot specify HEADER in BINARY mode');
  if (!isCsv && written.quote !== undefined) throw refused('COPY quote available only in CSV mode');
  if (isCsv && !isOneByte(quote)) throw refused('COPY quote must be a single one-byte character');
  if (isCsv && delimiter === quote) throw wrong('COPY delimiter and quote must be different');
  if (!isCsv && written.escape !== undefined) throw refused('COPY escape available only in CSV mode');
  if (isCsv && !isOneByte(escapeText)) throw refused('COPY escape must be a single one-byte character');
  if (forceQuote !== undefined) {
    if (!isCsv) throw refused('COPY force quote available only in CSV mode');
    if (isFrom) throw refused('COPY force quote only available using COPY TO');
  }
  if (forceNotNull !== undefined) {
    if (!isCsv) throw refused('COPY force not null available only in CSV mode');
    if (!isFrom) throw refused('COPY force not null only available using COPY FROM');
  }
  if (forceNull !== undefined) {
    if (!isCsv) throw refused('COPY force null available only in CSV mode');
    if (!isFrom) throw refused('COPY force null only available using COPY FROM');
  }
  if (nullText.includes(delimiter)) throw refused('COPY delimiter must not appear in the NULL specification');
  if (isCsv && nullText.includes(quote)) throw refused('CSV quote character must not appear in the NULL specification');
  if (written.freeze && !isFrom) throw refused('COPY FREEZE cannot be used with COPY TO');
  if (defaultText !== undefined) checkDefault(defaultText, { isFrom, isCsv, delimiter, quote, nullText });
  if (format === 'binary' && written.onError !== 'stop') throw syntax('only ON_ERROR STOP is allowed in BINARY mode');
  if (written.rejectLimit !== undefined && written.onError !== 'ignore') {
    throw wrong('COPY REJECT_LIMIT requires ON_ERROR to be set to IGNORE');
  }
  return {
    kind: format,
    delimiter: delimiter.charCodeAt(0),
    // What is read is UTF-8 by then; what is written is as it goes out.
    nullText: isFrom ? Buffer.from(nullText) : encodedUtf8(Buffer.from(nullText), encoding),
    defaultText: defaultText === undefined ? undefined : Buffer.from(defaultText),
    header: written.header,
    quote: quote.charCodeAt(0),
    escape: escapeText.charCodeAt(0),
    forceQuote: forceQuote ?? [],
    forceNotNull: forceNotNull ?? [],
    forceNull: forceNull ?? [],
    encoding,
    onError: written.onError,
    logVerbosity: written.logVerbosity,
    rejectLimit: written.rejectLimit,
    isFreeze: written.freeze,
  };
}

interface DefaultPlace {
  readonly isFrom: boolean;
  readonly isCsv: boolean;
  readonly delimiter: string;
  readonly quote: string;
  readonly nullText: string;
}

function checkDefault(defaultText: string, { isFrom, isCsv, delimiter, quote, nullText }: DefaultPlace): void {
  if (!isFrom) throw refused('COPY DEFAULT only available using COPY FROM');
  if (defaultText.includes(delimiter)) throw refused('COPY delimiter must not appear in the DEFAULT specification');
  if (isCsv && defaultText.includes(quote)) {
    throw refused('CSV quote character must not appear in the DEFAULT specification');
  }
  if (defaultText === nullText) throw refused('NULL specification and DEFAULT specification cannot be the same');
}

function isOneByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80;
}

function textOf({ name, value }: CopyOption): string {
  if (value === undefined) throw new SqlError(SqlState.SyntaxError, `${name} requires a parameter`);
  if (value.kind === 'text') return value.text;
  return value.kind === 'star' ? '*' : value.items.join(', ');
}

function truthOf(option: CopyOption, message: string): boolean {
  const { value } = option;
  if (value === undefined) return true;
  const truth = value.kind === 'text' ? truths(value) : undefined;
  if (truth === undefined) throw new SqlError(SqlState.SyntaxError, message);
  return truth;
}

function truths({ text }: CopyOptionValue & { readonly kind: 'text' }): boolean | undefined {
  switch (text.toLowerCase()) {
    case 'true':
    case 'on':
    case '1':
      return true;
    case 'false':
    case 'off':
    case '0':
      return false;
    default:
      return undefined;
  }
}

function headerOf(option: CopyOption, isFrom: boolean): CopyFormat['header'] {
  const { name, value } = option;
  if (value?.kind === 'text' && value.text.toLowerCase() === 'match') {
    if (isFrom) return 'match';
    throw new SqlError(SqlState.FeatureNotSupported, `cannot use "${value.text}" with HEADER in COPY TO`);
  }
  return truthOf(option, `${name} requires a Boolean value or "match"`) ? 'present' : 'none';
}

function columnsOf(option: CopyOption): ColumnChoice {
  const { value } = option;
  if (value?.kind === 'star') return 'all';
  if (value?.kind === 'list') return value.items;
  throw invalid(`argument to option "${option.name}" must be a list of column names`, option);
}

function encodingOf(option: CopyOption): EncodingName {
  const text = textOf(option);
  const encoding = encodingNamed(text);
  if (encoding === undefined)
    throw invalid(`argument to option "${option.name}" must be a valid encoding name`, option);
  if (!isConvertible(encoding)) throw notSupported(`encoding "${text}" in COPY`, option.position);
  return encoding;
}

function invalid(message: string, { position }: CopyOption): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message, { position });
}

function wrong(message: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message);
}

function refused(message: string): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, message);
}

function syntax(message: string): SqlError {
  return new SqlError(SqlState.SyntaxError, message);
}
