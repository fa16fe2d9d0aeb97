import type { FunctionEnvironment } from '../../functions/environment.ts';
import { timeZone } from '../../types/time-zone.ts';
import type { NameResolver, TypeContext } from '../../types/type-definition.ts';

/** What other threads are told of a session: enough for functions of values, times and zones. */
export interface PortableEnvironment {
  readonly timeZoneName: string;
  readonly typeContext: Omit<TypeContext, 'timeZone' | 'resolveName'>;
  readonly statementStart: number;
}

/** Something was asked that only the thread of the session knows: it has to do the work itself. */
export class OutOfReach extends Error {}

/** undefined where the session's zone has no name that says all. */
export function portableEnvironment(environment: FunctionEnvironment): PortableEnvironment | undefined {
  const { timeZone: zone, resolveName: _, ...typeContext } = environment.typeContext;
  if (timeZone(zone.name)?.name !== zone.name) return undefined;
  return { timeZoneName: zone.name, typeContext, statementStart: environment.statementStart };
}

/** Its functions throw `OutOfReach` for everything that was left behind. */
export function environmentOf({ timeZoneName, typeContext, statementStart }: PortableEnvironment): FunctionEnvironment {
  const zone = timeZone(timeZoneName);
  if (zone === undefined) throw new OutOfReach();
  return {
    typeContext: { ...typeContext, timeZone: zone, resolveName: outOfReach<NameResolver>() },
    statementStart,
    clock: leave,
    random: leave,
    seedRandom: leave,
    fillRandom: leave,
    session: outOfReach(),
    catalog: outOfReach(),
    sequences: outOfReach(),
  };
}

function leave(): never {
  throw new OutOfReach();
}

/** Whatever is looked up in it. */
function outOfReach<Facts extends object>(): Facts {
  return new Proxy({} as Facts, { get: leave, has: leave });
}
