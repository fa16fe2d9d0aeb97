import { lookup, lookupService } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** What is asked of the network about addresses. */
export interface HostNames {
  /** The name of an address; undefined: it has none, or nobody answers. */
  nameOf(address: string): Promise<string | undefined>;
  /** The addresses of a name; none where it has none, or nobody answers. */
  addressesOf(name: string): Promise<readonly string[]>;
  /** The networks that this machine is in: its address in each, with the length of the prefix. */
  ownNetworks(): readonly { readonly address: string; readonly prefixLength: number }[];
}

/** The system's resolver, /etc/hosts included. */
export const systemHostNames: HostNames = {
  async nameOf(address) {
    try {
      const { hostname } = await lookupService(address, 0);
      return isIP(hostname) === 0 ? hostname : undefined;
    } catch {
      return undefined;
    }
  },
  async addressesOf(name) {
    try {
      return (await lookup(name, { all: true })).map(({ address }) => address);
    } catch {
      return [];
    }
  },
  ownNetworks() {
    return Object.values(networkInterfaces()).flatMap((addresses = []) =>
      addresses.flatMap(({ address, cidr }) =>
        cidr === null ? [] : [{ address, prefixLength: Number(cidr.slice(cidr.indexOf('/') + 1)) }],
      ),
    );
  },
};
