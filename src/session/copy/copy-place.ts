import { OutputBuffer } from '../../cells/output-buffer.ts';
import type { CopySink } from '../../copy/copy-encoder.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { StatementControl } from '../../execution/statement-control.ts';
import type { CopyFile } from '../../platform/copy-folder.ts';
import { errorCode } from '../../platform/file-system.ts';
import { systemErrorText } from '../../platform/system-error.ts';
import type { CopyPlaceSyntax } from '../../sql/syntax/copy-ast.ts';
import type { CopyForm } from '../copy-door.ts';
import type { StatementScope } from '../statement-scope.ts';

/** Where the bytes of COPY FROM come from. */
export interface CopySource {
  begin(form: CopyForm): Promise<void> | undefined;
  receive(control: StatementControl): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Where the rows of COPY TO go. */
export interface CopyTarget {
  begin(form: CopyForm): void;
  readonly sink: CopySink;
  /** All is written. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** Code and length of a CopyData message, which files do without. */
const FRAME_BYTES = 5;

/** Throws 42501 for what this role, or nobody, may read or write. To be asked before anything else is looked at. */
export function checkPlace(place: CopyPlaceSyntax, { environment }: StatementScope, isFrom: boolean): void {
  if (place.kind === 'client') return;
  const hint = "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.";
  if (!environment.role.isSuperuser) {
    const message =
      place.kind === 'program'
        ? 'must be superuser or have privileges of the pg_execute_server_program role to COPY to or from an external program'
        : isFrom
          ? 'must be superuser or have privileges of the pg_read_server_files role to COPY from a file'
          : 'must be superuser or have privileges of the pg_write_server_files role to COPY to a file';
    throw new SqlError(SqlState.InsufficientPrivilege, message, { hint });
  }
  if (place.kind === 'program') throw notSupported('COPY with an external program', 0, hint);
}

export async function copySource(place: CopyPlaceSyntax, scope: StatementScope): Promise<CopySource> {
  if (place.kind !== 'file') {
    const { copyDoor: door } = scope;
    if (door === undefined) throw notSupported('COPY FROM STDIN without a client that speaks it');
    return {
      begin: (form) => door.beginIn(form),
      receive: (control) => door.receive(control),
      close: async () => {},
    };
  }
  const file = await openFile(place.path, scope, 'reading');
  return { begin: () => undefined, receive: () => file.read(), close: () => file.close() };
}

export async function copyTarget(place: CopyPlaceSyntax, scope: StatementScope): Promise<CopyTarget> {
  if (place.kind === 'file') return new FileTarget(await openFile(place.path, scope, 'writing'));
  const { copyDoor: door } = scope;
  if (door === undefined) throw notSupported('COPY TO STDOUT without a client that speaks it');
  return {
    begin: (form) => door.beginOut(form),
    sink: door.sink,
    end: async () => door.endOut(),
    close: async () => {},
  };
}

/** Rows as a file has them: the bytes of the messages without their frames. */
class FileTarget implements CopyTarget {
  readonly sink: CopySink;
  readonly #file: CopyFile;

  constructor(file: CopyFile) {
    this.#file = file;
    const buffer = new OutputBuffer();
    this.sink = { buffer, flush: () => this.#flush() };
  }

  begin(): void {}

  async end(): Promise<void> {
    await this.#flush();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #flush(): Promise<void> | undefined {
    const { buffer } = this.sink;
    if (buffer.length === 0) return undefined;
    const { bytes, release } = buffer.take();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let length = 0;
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + view.getInt32(at + 1);
      bytes.copyWithin(length, at + FRAME_BYTES, end);
      length += end - at - FRAME_BYTES;
      at = end;
    }
    return this.#file.write(bytes.subarray(0, length)).finally(() => release?.());
  }
}

async function openFile(path: string, scope: StatementScope, purpose: 'reading' | 'writing'): Promise<CopyFile> {
  const { copyFolder } = scope;
  if (copyFolder === undefined) {
    throw new SqlError(SqlState.InsufficientPrivilege, 'COPY may use no files of the server', {
      hint: 'Name the folder that it may use as "copy-folder" in the configuration, or use COPY with STDIN and STDOUT.',
    });
  }
  try {
    const resolved = await copyFolder.resolve(path);
    if (resolved === undefined) {
      throw new SqlError(SqlState.InsufficientPrivilege, `file "${path}" is not in the folder that COPY may use`, {
        hint: 'The folder is "copy-folder" in the configuration.',
      });
    }
    const file = purpose === 'reading' ? await copyFolder.openToRead(resolved) : await copyFolder.openToWrite(resolved);
    if (purpose === 'reading' && (await file.isDirectory())) {
      await file.close();
      throw new SqlError(SqlState.WrongObjectType, `"${path}" is a directory`);
    }
    return file;
  } catch (error) {
    throw fileError(error, path, purpose);
  }
}

const STATES: Readonly<Record<string, SqlState>> = {
  ENOENT: SqlState.UndefinedFile,
  ENOTDIR: SqlState.UndefinedFile,
  EACCES: SqlState.InsufficientPrivilege,
  EPERM: SqlState.InsufficientPrivilege,
  EISDIR: SqlState.WrongObjectType,
  ENOSPC: SqlState.DiskFull,
};

function fileError(error: unknown, path: string, purpose: 'reading' | 'writing'): unknown {
  const code = errorCode(error);
  if (error instanceof SqlError || code === undefined) return error;
  const state = Object.hasOwn(STATES, code) ? STATES[code] : SqlState.IoError;
  const direction = purpose === 'reading' ? 'FROM' : 'TO';
  const verb = purpose === 'reading' ? 'read' : 'write';
  return new SqlError(state, `could not open file "${path}" for ${purpose}: ${systemErrorText(error)}`, {
    hint: `COPY ${direction} instructs the server process to ${verb} a file. You may want a client-side facility such as psql's \\copy.`,
  });
}
