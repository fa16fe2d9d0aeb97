import { readFileSync } from 'node:fs';
import { errorCode } from './file-system.ts';

/** Which process, for all time: a pid alone is given out again, and in a container pid 1 is always alive. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Changes with every boot of the machine; `''` where the system does not tell. */
  readonly bootId: string;
  /** When the process started, in the system's own ticks; `''` where the system does not tell. */
  readonly startTime: string;
}

/** The processes of this machine as a parameter. */
export interface ProcessTable {
  /** The process that asks. */
  self(): ProcessIdentity;
  isAlive(process: ProcessIdentity): boolean;
}

export const systemProcessTable: ProcessTable = {
  self() {
    return identifyProcess(process.pid);
  },

  isAlive(identity) {
    try {
      process.kill(identity.pid, 0);
    } catch (error) {
      // EPERM: it exists and belongs to somebody else.
      if (errorCode(error) !== 'EPERM') return false;
    }
    const { bootId, startTime } = identifyProcess(identity.pid);
    return identity.bootId === bootId && identity.startTime === startTime;
  },
};

/** What names the process that has this pid now. */
export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, bootId: readOrEmpty('/proc/sys/kernel/random/boot_id').trim(), startTime: startTimeOf(pid) };
}

/** Field 22 of /proc/<pid>/stat. The name in field 2 may hold spaces and parentheses, so fields count from its end. */
function startTimeOf(pid: number): string {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
