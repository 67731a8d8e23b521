import { existsSync } from "node:fs";
import { findGo, whyNotThisGo } from "../setup/go.mjs";
import { cacheFolder } from "../setup/machine.mjs";
import { goOfModule, owncastPath, owncastVersion } from "./build.mjs";

/**
 * Whether Owncast is to be built, with which Go, and what that takes. Changes nothing.
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
