import { createHash, randomBytes } from 'node:crypto';
import { Command } from 'commander';

const TOKEN_BYTES = 32;

/** `tidewire token`: a secret for HTTP clients, and the line of the configuration that knows it by its hash alone. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('make a bearer token for HTTP clients of a role')
    .argument('<role>', 'the role that it stands for')
    .action((role: string) => {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const hash = createHash('sha256').update(token).digest('hex');
      process.stdout.write(
        `token (shown this once): ${token}\n\nin tidewire.yml:\n\ntokens:\n  - "${role} sha256:${hash}"\n`,
      );
    });
}
