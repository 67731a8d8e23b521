import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { CliError, ExitCode } from "./errors.ts";

const programs = {
  owncast: {
    variable: "OWNCAST",
    name: "owncast",
    remedy: "start it with `npm start`, which knows where the set-up put it, or set OWNCAST to the program's path",
  },
  caddy: {
    variable: "CADDY",
    name: "caddy",
    remedy: "start it with `npm start`, which knows where the set-up put it, or set CADDY to the program's path",
  },
  ffmpeg: { variable: "FFMPEG", name: "ffmpeg", remedy: "install ffmpeg, or set FFMPEG to the program's path" },
} as const;
export type Program = keyof typeof programs;

/** The path of a program that Lectern runs: its variable (OWNCAST, CADDY, FFMPEG) if set, else the first on PATH. Throws exit 1 when there is none. */
export function findProgram(program: Program): string {
  const { variable, name, remedy } = programs[program];
  const named = process.env[variable];
  const candidates = named ? [named] : (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  const found = candidates.find(isExecutable);
  // A relative one would mean something else to a program that runs in another folder.
  if (found) return resolve(found);
  throw new CliError(
    ExitCode.failed,
    named ? `${variable}=${named} is not a program` : `${name} was not found`,
    remedy,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
