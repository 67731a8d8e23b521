import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";
import { findGo, whyNotThisGo } from "../setup/go.mjs";
import { cacheFolder } from "../setup/machine.mjs";

/**
 * Programs of the tests and of some of the demo's options, built from Go source, by need: a title for people, a folder of `tools/`
 * with a go.mod, the packages to build, the program that the variable names, and the build's minutes on two cores.
 */
export const goPrograms = /** @type {const} */ ({
  http3: {
    title: "a client for HTTP/3",
    folder: "http3-get",
    packages: ["."],
    program: "http3-get",
    variable: "HTTP3_GET",
    minutes: 0.5,
  },
  rtmpPeer: {
    title: "an independent RTMP client and server",
    folder: "rtmp-peer",
    packages: ["."],
    program: "rtmp-peer",
    variable: "RTMP_PEER",
    minutes: 0.5,
  },
  farLink: {
    title: "a line to viewers far away",
    folder: "far-link",
    packages: ["."],
    program: "far-link",
    variable: "FAR_LINK",
    minutes: 0.1,
  },
  farViewer: {
    title: "a viewer over one version of HTTP",
    folder: "far-viewer",
    packages: ["."],
    program: "far-viewer",
    variable: "FAR_VIEWER",
    minutes: 0.2,
  },
  // Its name server is in the same folder, as in nixpkgs' package.
  pebble: {
    title: "Pebble, an ACME server",
    folder: "pebble",
    packages: [
      "github.com/letsencrypt/pebble/v2/cmd/pebble",
      "github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv",
    ],
    program: "pebble",
    variable: "PEBBLE",
    minutes: 0.5,
  },
  versitygw: {
    title: "VersityGW, an S3 server",
    folder: "versitygw",
    packages: ["github.com/versity/versitygw/cmd/versitygw"],
    program: "versitygw",
    variable: "VERSITYGW",
    minutes: 2,
  },
});

/** @typedef {keyof typeof goPrograms} GoProgram */

export const goProgramNames = /** @type {GoProgram[]} */ (Object.keys(goPrograms));

// The same flags as for Owncast, so that both share entries of Go's cache.
const flags = ["-buildvcs=false", "-trimpath", "-ldflags=-s -w"];

const folderOf = (/** @type {GoProgram} */ name) =>
  fileURLToPath(new URL(`../${goPrograms[name].folder}`, import.meta.url));

/** @type {(name: GoProgram) => string[]} */
const sourcesOf = (name) => readdirSync(folderOf(name)).filter((file) => /\.(go|mod|sum)$/.test(file));

/**
 * The path of a program, built or not. It differs by recipe and by Go version.
 * @param {string} cache
 * @param {GoProgram} name
 * @param {import("../setup/go.mjs").Go} go
 */
export function goProgramPath(cache, name, { version, os, arch }) {
  const texts = sourcesOf(name).map((file) => [file, readFileSync(join(folderOf(name), file), "utf8")]);
  const recipe = JSON.stringify([texts, goPrograms[name].packages, flags, version, os, arch]);
  const { folder, program } = goPrograms[name];
  return join(cache, folder, createHash("sha256").update(recipe).digest("hex").slice(0, 16), "bin", program);
}

/**
 * The Go version that a recipe requires, as in `1.25.0`.
 * @param {GoProgram} name
 */
export function goOf(name) {
  const [, version] = /^go (\S+)$/m.exec(readFileSync(join(folderOf(name), "go.mod"), "utf8")) ?? [];
  if (version === undefined) throw new Error(`tools/${goPrograms[name].folder}/go.mod names no Go`);
  return version;
}

/**
 * A program of the tests that must be built.
 * @typedef {{ name: GoProgram, target: string, go: import("../setup/go.mjs").Go }} GoWork
 */

/**
 * The wanted programs that must be built, and the Go for it. Changes nothing.
 * @param {readonly GoProgram[]} wanted
 * @param {import("../setup/machine.mjs").Machine} machine
 * @returns {{ problems: readonly import("../process/errors.mjs").Problem[], work: readonly GoWork[] }}
 */
export function surveyGoPrograms(wanted, machine) {
  if (wanted.length === 0) return { problems: [], work: [] };
  const go = findGo(machine);
  const unfit = wanted.filter((name) => whyNotThisGo(go, goOf(name)) !== undefined);
  const [first] = unfit;
  if (!go || first) {
    const variables = unfit.map((name) => goPrograms[name].variable).join(" and ");
    const wants = first ? goOf(first) : "";
    const remedy = `install Go ${wants} or later (the Go project's archive, unpacked to /usr/local/go), or set ${variables} to existing programs`;
    return {
      problems: [
        { what: whyNotThisGo(go, wants, unfit.map((name) => goPrograms[name].title).join(", ")) ?? "", remedy },
      ],
      work: [],
    };
  }
  const work = wanted.map((name) => ({ name, target: dirname(goProgramPath(cacheFolder(machine.env), name, go)), go }));
  return { problems: [], work: work.filter(({ target }) => !existsSync(target)) };
}

/**
 * Builds a program and the others of its recipe, if it is missing.
 * @param {string} target the program's folder
 * @param {GoProgram} name
 * @param {string} goProgram
 * @param {import("../process/lock.mjs").LockOptions} options
 */
export async function buildGoProgram(target, name, goProgram, { signal, onWait }) {
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    for (const file of sourcesOf(name)) copyFileSync(join(folderOf(name), file), join(workshop, file));
    const { packages, variable } = goPrograms[name];
    const remedy = `${moduleRemedy}; or set ${variable} to an existing program`;
    const bin = join(workshop, "bin");
    await goIn(workshop, goProgram, { signal, remedy })(["build", ...flags, "-o", `${bin}/`, ...packages]);
    return bin;
  });
}

/**
 * Runs Go in a workshop, without the settings of this machine that would change the result.
 * @param {string} workshop a new folder with a go.mod
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
      // If Go and gcc are killed, their temporary files are removed with the workshop.
      env: { TMPDIR: temporary, GOTMPDIR: temporary, GOWORK: "off", GO111MODULE: "on", ...env },
    });
}

/** The remedy if Go cannot fetch modules. */
export const moduleRemedy = "Go fetches modules from where GOPROXY says (`go env GOPROXY`)";
