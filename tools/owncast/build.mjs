import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goIn, moduleRemedy } from "../go/programs.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { findGo, whyNotThisGo } from "../setup/go.mjs";
import { cacheFolder } from "../setup/machine.mjs";
import { edits, patch, patchedFile } from "./patch.mjs";

const module = "github.com/owncast/owncast";
const recipeFolder = fileURLToPath(new URL(".", import.meta.url));
const goMod = readFileSync(join(recipeFolder, "go.mod"), "utf8");
const goSum = readFileSync(join(recipeFolder, "go.sum"), "utf8");

/** The version of Owncast in go.mod, as in `0.2.5`. */
export const owncastVersion = readFromGoMod(new RegExp(`${module} v(\\S+)`));
/** The Go version that go.mod requires, as in `1.25.0`. */
export const goOfModule = readFromGoMod(/^go (\S+)$/m);

const flags = [
  "-mod=vendor",
  "-buildvcs=false",
  // The program and the entries in Go's cache do not depend on the folder.
  "-trimpath",
  // Without the symbols it is 20 MB smaller. By default 0.2.5 reports version 0.2.4.
  `-ldflags=-s -w -X ${module}/config.VersionNumber=${owncastVersion}`,
];

/**
 * The path of this recipe's Owncast, built or not. It differs by recipe and by Go version.
 * @param {string} cache
 * @param {import("../setup/go.mjs").Go} go
 */
export function owncastPath(cache, { version, os, arch }) {
  const recipe = JSON.stringify([goMod, goSum, edits, flags, version, os, arch]);
  return join(cache, "owncast", createHash("sha256").update(recipe).digest("hex"), "owncast");
}

/**
 * Whether Owncast must be built, with which Go, and which Debian packages that needs. Changes nothing.
 * @param {import("../setup/machine.mjs").Machine} machine
 */
export function surveyOwncast(machine) {
  const go = findGo(machine);
  const whyNot = whyNotThisGo(go, goOfModule);
  if (!go || whyNot !== undefined) {
    const remedy = `install Go ${goOfModule} or later (the Go project's archive, unpacked to /usr/local/go), or set OWNCAST to an existing Owncast ${owncastVersion}`;
    return { problems: [{ what: whyNot ?? "", remedy }], packages: [], work: undefined };
  }
  const target = owncastPath(cacheFolder(machine.env), go);
  if (existsSync(target)) return { problems: [], packages: [], work: undefined };
  const compiler = machine.find("gcc");
  const hasHeaders =
    compiler && machine.output(compiler, ["-fsyntax-only", "-include", "stdlib.h", "-xc", "/dev/null"]) !== undefined;
  const packages = [...(compiler ? [] : ["gcc"]), ...(hasHeaders ? [] : ["libc6-dev"])];
  return { problems: [], packages, work: { target, go } };
}

/**
 * Builds Owncast to `target` if it is missing.
 * @param {string} target from owncastPath
 * @param {string} goProgram
 * @param {import("../process/lock.mjs").LockOptions & { note: (text: string) => void }} options
 */
export async function buildOwncast(target, goProgram, { signal, onWait, note }) {
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    for (const name of ["go.mod", "go.sum"]) copyFileSync(join(recipeFolder, name), join(workshop, name));
    const remedy = `${moduleRemedy}; or set OWNCAST to an existing program`;
    const go = goIn(workshop, goProgram, { signal, remedy, env: { CGO_ENABLED: "1" } });
    await go(["mod", "vendor"], (line) => note(line.replace(/^go: /, "")));
    const source = join(workshop, "vendor", module, patchedFile);
    writeFileSync(source, patch(readFileSync(source, "utf8")));
    let compiled = 0;
    await go(["build", "-v", ...flags, "-o", "owncast", module], () => note(`compiled ${++compiled} packages`));
    return join(workshop, "owncast");
  });
}

/** @param {RegExp} pattern */
function readFromGoMod(pattern) {
  const value = pattern.exec(goMod)?.[1];
  if (value === undefined) throw new Error(`tools/owncast/go.mod does not say ${pattern}`);
  return value;
}
