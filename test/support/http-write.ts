/** Answer of a write request: its status, and the JSON of an error. */
export interface WriteAnswer {
  readonly status: number;
  readonly body: { readonly error?: string; readonly line?: number; readonly reason?: string; readonly text?: string };
}

/** POST /write of a server on loopback. */
export async function writeLines(
  port: number,
  body: string | Uint8Array<ArrayBuffer>,
  options: { readonly query?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<WriteAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}/write${options.query ?? ''}`, {
    method: 'POST',
    body,
    headers: options.headers ?? {},
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}
