import type { SessionFacts } from '../functions/environment.ts';
import type { SessionEnvironmentOptions } from './session-environment-options.ts';
import type { SessionNames } from './session-names.ts';

/** What SQL functions such as current_user and current_setting ask of the session. */
export function sessionFacts(
  { roles, processId, server, settings, databaseName }: SessionEnvironmentOptions,
  names: SessionNames,
  searchPath: () => readonly string[],
): SessionFacts {
  return {
    databaseName,
    get userName() {
      return roles.current.name;
    },
    get sessionUserName() {
      return roles.session.name;
    },
    processId,
    serverVersion: server.serverVersion,
    versionText: server.versionText,
    serverStart: server.serverStart,
    currentSchemas: (includeImplicit) => {
      const written = names.writtenSchemas();
      return searchPath().filter((schema) => includeImplicit || written.includes(schema));
    },
    setting: (name) => settings.get(name),
    changeSetting: (name, value, isLocal) => settings.set(name, value, { isLocal }),
  };
}
