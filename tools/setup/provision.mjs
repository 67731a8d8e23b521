import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { step } from "../../src/lib/progress.mjs";
import { buildCargoProgram, cargoProgramNames, cargoProgramPath } from "../cargo/programs.mjs";
import { buildGoProgram, goProgramNames, goProgramPath } from "../go/programs.mjs";
import { fetchNode24, node24Path } from "../node24/fetch.mjs";
import { buildOwncast, owncastPath } from "../owncast/build.mjs";
import { onlyForProof, SetupError } from "../process/errors.mjs";
import { makePythonEnvironment, pythonEnvironmentPath, pythonOf } from "../python/environment.mjs";
import { makeRootfs } from "../rootfs/make.mjs";
import { rootfsPath, suites } from "../rootfs/recipe.mjs";
import { checkDisk, checkPorts } from "./checks.mjs";
import { debian, unpackedPath } from "./debian.mjs";
import { findGo } from "./go.mjs";
import { cacheFolder, searchPath, thisMachine } from "./machine.mjs";
import { installPackages } from "./npm-packages.mjs";
import { describePlan, planSteps } from "./plan.mjs";
import { nameable, pythonVersion, survey, variables } from "./survey.mjs";

/** @typedef {import("./survey.mjs").Need} Need */

/** The checkout. */
export const tree = resolve(fileURLToPath(new URL("../..", import.meta.url)));

// Caddy and Nix of Debian forky, to be run on this machine.
const newestPrograms = join(tree, "tools/rootfs/programs");

/** What the demo needs, and most of what the tests do. Some lanes need more, and get it when they run. */
export const allNeeds = /** @type {const} */ (["npm", "owncast", "caddy", "ffmpeg", "namespaces"]);

/**
 * Puts in place what is needed and resolves to the environment for programs that use it: OWNCAST, CADDY, FFMPEG, CHROMIUM, NODE24,
 * ROOTFS_<SUITE>, NEWEST_CADDY and those of the tests' programs as far as needed, and a PATH. First everything that only a person can put right is looked for, and nothing is changed when there
 * is any: rejects with SetupError naming all of it. Rejects with SetupError also when a step fails.
 * @param {readonly Need[]} needs
 * @param {{ signal: AbortSignal, ports?: readonly { option: string, value: string }[] }} options
 * @returns {Promise<Record<string, string>>}
 */
export async function provision(needs, { signal, ports = [] }) {
  const { problems, work } = survey(needs, thisMachine, tree);
  const steps = planSteps(work);
  const cache = cacheFolder(process.env);
  refuse([
    ...problems,
    // What is in place already takes no more room.
    ...(steps.length > 0 ? checkDisk([cache, tree, ...(work.owncast?.go.caches ?? [])], thisMachine.freeBytes) : []),
    ...(await checkPorts(ports)),
  ]);
  process.stderr.write(describePlan(steps));
  const apt = debian({ isRoot: thisMachine.isRoot, signal });
  const onWait = (/** @type {string} */ holder) => {
    process.stderr.write(`\n  another set-up (process ${holder}) is at it; waiting for it to end\n`);
  };
  for (const { id, title } of steps)
    await step(title, async (note) => {
      if (id === "packages") await apt.install(work.packages);
      if (id === "caddy" && work.caddy) await apt.unpack("caddy", work.caddy, { signal, onWait });
      if (id === "npm") await installPackages(tree, cache, { signal, onWait });
      if (id === "owncast" && work.owncast)
        await buildOwncast(work.owncast.target, work.owncast.go.program, { signal, onWait, note });
      if (id === "python") await makePythonEnvironment(pythonEnvironment(), "python3", { signal, onWait });
      if (id === "chromium") await apt.install(["chromium"]).catch(onlyForProof);
      if (id === "node24" && work.node24) await fetchNode24(work.node24, { signal, onWait });
      if (id === "goPrograms")
        for (const { name, target, go } of work.goPrograms)
          await buildGoProgram(target, name, go.program, { signal, onWait });
      if (id === "cargoPrograms")
        for (const program of work.cargoPrograms) await buildCargoProgram(program, { signal, onWait });
      if (id === "rootfs")
        for (const { suite, target, mirror } of work.rootfs)
          await makeRootfs(target, suite, mirror, { signal, onWait, note: (text) => note(`${suite}: ${text}`) });
    });
  return environment(needs);
}

// Only when the set-up has installed Python is its version known.
const pythonEnvironment = () => pythonEnvironmentPath(cacheFolder(process.env), pythonVersion(thisMachine) ?? "none");

/** @param {readonly import("./survey.mjs").Problem[]} problems */
function refuse(problems) {
  const [first, ...others] = problems;
  if (!first) return;
  if (others.length === 0) throw new SetupError(first.what, first.remedy);
  const list = problems.map(({ what, remedy }) => `- ${what}\n  → ${remedy}`);
  throw new SetupError(["This keeps the set-up from starting; nothing was changed:", ...list].join("\n"));
}

/**
 * @param {readonly Need[]} needs
 * @returns {Record<string, string>}
 */
function environment(needs) {
  const { env, find } = thisMachine;
  const fromGo = /** @type {const} */ (["owncast", ...goProgramNames]);
  const go = fromGo.some((need) => needs.includes(need) && !env[variables[need]]) ? findGo(thisMachine) : undefined;
  const cache = cacheFolder(env);
  /** @type {Record<string, string | undefined>} */
  const own = {
    owncast: go && owncastPath(cache, go),
    caddy: find("caddy") ?? unpackedPath("caddy", env),
    ffmpeg: find("ffmpeg"),
    chromium: find("chromium"),
    ...Object.fromEntries(goProgramNames.map((name) => [name, go && goProgramPath(cache, name, go)])),
    ...Object.fromEntries(cargoProgramNames.map((name) => [name, cargoProgramPath(name, thisMachine, cache)])),
  };
  /** @type {Record<string, string>} */
  const programs = { PATH: searchPath(env).join(delimiter) };
  for (const need of nameable) {
    const variable = variables[need];
    const named = env[variable];
    const path = named ? find(named) : own[need];
    if (needs.includes(need) && path) programs[variable] = path;
  }
  if (needs.includes("python")) programs.CHECKS_PYTHON = pythonOf(pythonEnvironment());
  if (needs.includes("node24")) programs.NODE24 = node24Path(cache);
  for (const suite of suites)
    if (needs.includes(suite)) programs[`ROOTFS_${suite.toUpperCase()}`] = rootfsPath(cache, suite);
  if (needs.includes("forky"))
    Object.assign(programs, { NEWEST_PROGRAMS: newestPrograms, NEWEST_CADDY: join(newestPrograms, "caddy") });
  return programs;
}
