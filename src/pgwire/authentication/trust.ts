import type { AuthenticationMethod } from './authentication-method.ts';

/** Everyone is who they say. For servers that only their own machine can reach. */
export const trust: AuthenticationMethod = {
  async authenticate() {},
};
