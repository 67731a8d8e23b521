import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../process/run-command.mjs";

/**
 * Go in a workshop, with nothing of this machine's settings that would change what it makes.
 * @param {string} workshop a folder of its own, with a go.mod
 * @param {string} goProgram
 * @param {{ signal: AbortSignal, remedy: string, env?: Readonly<Record<string, string>> }} options
 * @returns {(args: readonly string[], onLine?: (line: string) => void) => Promise<string>} as runCommand
 */
export function goIn(workshop, goProgram, { signal, remedy, env = {} }) {
  const temporary = join(workshop, "tmp");
  mkdirSync(temporary);
  return (args, onLine) =>
    runCommand(goProgram, args, {
      ...{ signal, cwd: workshop, remedy },
      ...(onLine && { onLine }),
      // What Go and gcc leave in temporary folders when they are killed goes with the workshop.
      env: { TMPDIR: temporary, GOTMPDIR: temporary, GOWORK: "off", GO111MODULE: "on", ...env },
    });
}

/** What a person does when modules cannot be fetched. */
export const moduleRemedy = "Go fetches modules from where GOPROXY says (`go env GOPROXY`)";
