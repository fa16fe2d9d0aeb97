import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { serverEndPoint } from '../pgwire/tls/server-end-point.ts';
import type { TlsProvider } from '../pgwire/tls/tls-upgrade.ts';
import { ConfigError } from './config-error.ts';

/** Where the server's certificate lies. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** The authority whose certificates clients may show. */
  readonly clientAuthority: string | undefined;
}

export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
}

/** The certificate as its files have it, until `reload` finds others there. */
export class TlsStore implements TlsProvider {
  readonly #files: TlsFiles;
  #context: SecureContext;
  #serverEndPoint: Uint8Array | undefined;
  #material: TlsMaterial;

  /** Throws ConfigError when a file cannot be read, or they do not belong together. */
  constructor(files: TlsFiles) {
    this.#files = files;
    const loaded = load(files);
    this.#context = loaded.context;
    this.#serverEndPoint = loaded.endPoint;
    this.#material = loaded.material;
  }

  get context(): SecureContext {
    return this.#context;
  }

  get serverEndPoint(): Uint8Array | undefined {
    return this.#serverEndPoint;
  }

  get asksForCertificates(): boolean {
    return this.#files.clientAuthority !== undefined;
  }

  get material(): TlsMaterial {
    return this.#material;
  }

  /** For connections from now on. Throws ConfigError, and then all stays as it is. */
  reload(): void {
    const loaded = load(this.#files);
    this.#context = loaded.context;
    this.#serverEndPoint = loaded.endPoint;
    this.#material = loaded.material;
  }
}

function load({ certificate, key, clientAuthority }: TlsFiles) {
  const material: TlsMaterial = {
    cert: read(certificate),
    key: read(key),
    ca: clientAuthority === undefined ? undefined : read(clientAuthority),
  };
  try {
    const context = createSecureContext({
      cert: material.cert,
      key: material.key,
      ...(material.ca === undefined ? {} : { ca: material.ca }),
      minVersion: 'TLSv1.2',
    });
    return { context, material, endPoint: serverEndPoint(new X509Certificate(material.cert).raw) };
  } catch (error) {
    throw new ConfigError(
      `the certificate ${certificate} and the key ${key} cannot be used: ${(error as Error).message}`,
      '`tidewire cert` makes a pair.',
    );
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read ${file}: ${(error as Error).message}`);
  }
}
