import { existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";

/**
 * Programs that check the Nix files, built from Rust source: crate, version, variable, and the build's minutes on two cores. Tests that
 * need a program are skipped without it.
 */
export const cargoPrograms = /** @type {const} */ ({
  nixfmt: { crate: "nixfmt_rs", version: "0.5.3", variable: "NIXFMT", minutes: 1 },
  deadnix: { crate: "deadnix", version: "1.3.1", variable: "DEADNIX", minutes: 1 },
});

/** @typedef {keyof typeof cargoPrograms} CargoProgram */

export const cargoProgramNames = /** @type {CargoProgram[]} */ (Object.keys(cargoPrograms));

/**
 * The path of a program: from its variable, on this machine, or in the cache, built or not.
 * @param {CargoProgram} name
 * @param {Pick<import("../setup/machine.mjs").Machine, "env" | "find">} machine
 * @param {string} cache
 */
export function cargoProgramPath(name, { env, find }, cache) {
  const { version, variable } = cargoPrograms[name];
  return env[variable] || (find(name) ?? join(cache, name, version, name));
}

/**
 * The wanted programs that are missing and that cargo can build. Changes nothing.
 * @param {readonly CargoProgram[]} wanted
 * @param {import("../setup/machine.mjs").Machine} machine
 * @param {string} cache
 */
export function surveyCargoPrograms(wanted, machine, cache) {
  const cargo = machine.find("cargo");
  if (!cargo) return [];
  return wanted
    .map((name) => ({ name, target: cargoProgramPath(name, machine, cache), cargo }))
    .filter(({ name, target }) => !existsSync(target) && !machine.find(name));
}

/**
 * Builds a program if it is missing. A failure is only printed, because everything else works without the program.
 * @param {ReturnType<typeof surveyCargoPrograms>[number]} program
 * @param {import("../process/lock.mjs").LockOptions} options
 */
export async function buildCargoProgram({ name, target, cargo }, { signal, onWait }) {
  const { crate, version } = cargoPrograms[name];
  const args = ["install", "--locked", "--version", version, "--root", "."];
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    await runCommand(cargo, [...args, "--target-dir", "target", crate], {
      ...{ signal, cwd: workshop },
      // Without a network, fail at once.
      env: { CARGO_NET_RETRY: "0" },
    });
    return join(workshop, "bin", name);
  }).catch((error) => {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n  ${name} cannot be built, so its tests are skipped: ${error.message}\n`);
  });
}
