import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { findGo, whyNotThisGo } from "../setup/go.mjs";
import { cacheFolder } from "../setup/machine.mjs";
import { goOf, goProgramPath, goPrograms } from "./programs.mjs";

/**
 * A program of the tests that is to be built.
 * @typedef {{ name: import("./programs.mjs").GoProgram, target: string, go: import("../setup/go.mjs").Go }} GoWork
 */

/**
 * Which of the wanted programs are to be built, and with which Go. Changes nothing.
 * @param {readonly import("./programs.mjs").GoProgram[]} wanted
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
    return { problems: [{ what: whyNotThisGo(go, wants, "the tests' programs") ?? "", remedy }], work: [] };
  }
  const work = wanted.map((name) => ({ name, target: dirname(goProgramPath(cacheFolder(machine.env), name, go)), go }));
  return { problems: [], work: work.filter(({ target }) => !existsSync(target)) };
}
