import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { CliError, ExitCode } from "./errors.ts";

const programs = {
  owncast: {
    variable: "OWNCAST",
    name: "owncast",
    remedy: "run `npm start`, which finds it by itself, or set OWNCAST to the program's path",
  },
  caddy: {
    variable: "CADDY",
    name: "caddy",
    remedy: "run `npm start`, which finds it by itself, or set CADDY to the program's path",
  },
  ffmpeg: { variable: "FFMPEG", name: "ffmpeg", remedy: "install ffmpeg, or set FFMPEG to the program's path" },
  flite: {
    variable: "FLITE",
    name: "flite",
    remedy: "install flite (Debian: apt-get install flite), or set FLITE to the program's path",
  },
  nginx: {
    variable: "NGINX",
    name: "nginx",
    remedy:
      "on Debian `npm start -- --edges 2` fetches it by itself; elsewhere install nginx, or set NGINX to the program's path",
  },
  versitygw: {
    variable: "VERSITYGW",
    name: "versitygw",
    remedy: "run `npm start -- --storage`, which builds it by itself, or set VERSITYGW to the program's path",
  },
  farLink: {
    variable: "FAR_LINK",
    name: "far-link",
    remedy:
      "the Nix package has it; else build it in tools/far-link of Lectern's checkout (`go build`), and set FAR_LINK to the program's path",
  },
} as const;
export type Program = keyof typeof programs;

/** The path of a program that Lectern runs: its variable (OWNCAST, CADDY, FFMPEG, NGINX …) if set, else the first on PATH. Throws CliError 1 if there is none. */
export function findProgram(program: Program): string {
  const { variable, name, remedy } = programs[program];
  const named = process.env[variable];
  const found = named ? [named].find(isExecutable) : onPath(name);
  // A relative path would mean another file to a program that runs in another folder.
  if (found) return resolve(found);
  throw new CliError(
    ExitCode.failed,
    named ? `${variable}=${named} is not a program` : `${name} was not found`,
    remedy,
  );
}

/** The path of a program on PATH; undefined if there is none. */
export const onPath = (name: string): string | undefined =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);

/** Throws CliError 1 unless the program runs with these arguments and exits with 0: it may be for another system, or damaged. */
export function ensureRuns(program: Program, path: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(path, args, { encoding: "utf8", timeout: 20_000 });
  if (status === 0) return;
  const { variable, remedy } = programs[program];
  const reason = error?.message ?? (stderr.trim().split("\n").at(-1) || `exit ${status}`);
  throw new CliError(ExitCode.failed, `${variable}: ${path} does not run (${reason})`, remedy);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
