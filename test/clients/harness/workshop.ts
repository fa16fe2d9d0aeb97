import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Unavailable } from './client-suite.ts';

const INSTALL_WITHIN_MS = 240_000;

const runFile = promisify(execFile);

/** Gets what the clients need, and keeps it for the next time. Nothing is written outside of its folder but Debian's packages. */
export class Workshop {
  /** Where downloads are kept. */
  readonly folder: string;
  readonly #isOffline: boolean;
  #hasUpdated = false;

  constructor({ folder = defaultFolder(), isOffline = false } = {}) {
    this.folder = folder;
    this.#isOffline = isOffline;
    mkdirSync(folder, { recursive: true });
  }

  /** Makes Debian's packages be there. Throws `Unavailable` with the ones that are not. */
  debian(packages: readonly string[]): void {
    const missing = packages.filter((name) => !isInstalled(name));
    if (missing.length === 0) return;
    const needed = `Debian's ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed`;
    if (spawnSync('apt-get', ['--version']).status !== 0) throw new Unavailable(`${needed} (there is no apt-get)`);
    if (userInfo().uid !== 0) throw new Unavailable(`${needed}, and only root can do that`);
    if (this.#isOffline) throw new Unavailable(`${needed}, and nothing is to be fetched`);
    if (!this.#hasUpdated) apt('update');
    this.#hasUpdated = true;
    apt('install', '--no-install-recommends', ...missing);
    const still = missing.filter((name) => !isInstalled(name));
    if (still.length > 0) throw new Unavailable(`apt-get could not install ${still.join(', ')}`);
  }

  /** A virtual environment with packages of PyPI; resolves to its python. */
  async python(name: string, packages: readonly string[]): Promise<string> {
    const python = join(this.folder, name, 'bin', 'python');
    await this.#once(name, packages, async (folder) => {
      await runFile('/usr/bin/python3', ['-m', 'venv', folder]);
      await runFile(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages], {
        timeout: INSTALL_WITHIN_MS,
      });
    });
    return python;
  }

  /** A folder with packages of npm in its node_modules; `name@version` each. */
  async npm(name: string, packages: readonly string[]): Promise<string> {
    const folder = join(this.folder, name);
    await this.#once(name, packages, async () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}\n');
      await runFile('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
        cwd: folder,
        timeout: INSTALL_WITHIN_MS,
      });
    });
    return folder;
  }

  /** A jar of Maven's central repository, `group:artifact:version`; resolves to its path. */
  async maven(coordinates: string): Promise<string> {
    const [, artifact, version] = coordinates.split(':');
    if (!hasProgram('mvn')) throw new Unavailable(`${coordinates}: there is no mvn`);
    const name = `${artifact}-${version}`;
    await this.#once(name, [coordinates], async (folder) => {
      const options = [`-Dartifact=${coordinates}`, `-DoutputDirectory=${folder}`];
      await runFile('mvn', ['--batch-mode', '--quiet', 'dependency:copy', ...options], { timeout: INSTALL_WITHIN_MS });
    });
    return join(this.folder, name, `${name}.jar`);
  }

  /** Something that is made once: its folder carries a note of what it was made of. */
  async once(name: string, of: readonly string[], make: (folder: string) => Promise<void>): Promise<string> {
    await this.#once(name, of, make);
    return join(this.folder, name);
  }

  async #once(name: string, of: readonly string[], make: (folder: string) => Promise<void>): Promise<void> {
    const folder = join(this.folder, name);
    const note = join(folder, '.made-of');
    const wanted = of.join('\n');
    if (existsSync(note) && readFileSync(note, 'utf8') === wanted) return;
    if (this.#isOffline) throw new Unavailable(`${of.join(', ')}: nothing is to be fetched`);
    try {
      await make(folder);
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      const why = (stderr || message).trim().split('\n').at(-1);
      throw new Unavailable(`${of.join(', ')} could not be installed: ${why}`);
    }
    writeFileSync(note, wanted);
  }
}

/** Beside other caches of the user's, so that a clean clone finds it again. */
function defaultFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tidewire-clients');
}

/** True when a program is on the path. */
export function hasProgram(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** The version of one of Debian's packages without Debian's part; undefined when it is not installed. */
export function debianVersion(name: string): string | undefined {
  const { stdout, status } = spawnSync('dpkg-query', ['-s', name], { encoding: 'utf8' });
  if (status !== 0 || !stdout.includes('\nStatus: install ok installed\n')) return undefined;
  return /^Version: (?:\d+:)?([^-+]+)/m.exec(stdout)?.[1];
}

function isInstalled(name: string): boolean {
  return debianVersion(name) !== undefined;
}

function apt(...args: readonly string[]): void {
  const { status, error } = spawnSync('apt-get', ['-q', '-y', '-o', 'Dpkg::Options::=--force-confold', ...args], {
    stdio: ['ignore', 'ignore', 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) throw new Unavailable(`apt-get ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
}
