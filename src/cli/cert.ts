import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { selfSignedCertificate } from '../server/certificate/self-signed-certificate.ts';
import { ConfigError } from '../server/config-error.ts';

interface CertFlags {
  readonly host: readonly string[] | undefined;
  readonly days: string;
  readonly out: string;
  readonly force: boolean | undefined;
}

const KEY_MODE = 0o600;

/** `tidewire cert`: a key and a certificate that it has signed itself, for servers that no public name leads to. */
export function certCommand(): Command {
  return new Command('cert')
    .description('make a private key and a self-signed certificate for TLS')
    .option('--host <name...>', 'names and addresses of the server (default: localhost, 127.0.0.1, ::1, this host)')
    .option('--days <count>', 'how long the certificate is valid', '825')
    .option('--out <directory>', 'where server.crt and server.key go', '.')
    .option('--force', 'replace files that are there')
    .action(async ({ host, days, out, force }: CertFlags) => {
      const count = Number(days);
      if (!Number.isInteger(count) || count < 1) throw new ConfigError(`--days takes a whole number, not "${days}"`);
      const hosts = host ?? [...new Set(['localhost', '127.0.0.1', '::1', hostname()])];
      const { certificatePem, keyPem } = selfSignedCertificate({ hosts, days: count, now: new Date() });
      const directory = resolve(out);
      await mkdir(directory, { recursive: true });
      const certificate = join(directory, 'server.crt');
      const key = join(directory, 'server.key');
      const flag = force === true ? 'w' : 'wx';
      try {
        await writeFile(key, keyPem, { mode: KEY_MODE, flag });
        await writeFile(certificate, certificatePem, { flag });
      } catch (error) {
        const { code, path } = error as NodeJS.ErrnoException;
        if (code === 'EEXIST') throw new ConfigError(`${path} is there already`, 'Say --force to replace it.');
        throw error;
      }
      process.stdout.write(`${certificate}\n${key}\nvalid for ${hosts.join(', ')} until ${count} days from now\n`);
    });
}
