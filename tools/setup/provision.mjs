import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { step } from "../../src/lib/progress.mjs";
import { buildCargoProgram, cargoProgramNames, cargoProgramPath } from "../cargo/programs.mjs";
import { buildGoProgram, goProgramNames, goProgramPath } from "../go/programs.mjs";
import { fetchNginx, nginxPath, unpackNginx } from "../nginx/unpack.mjs";
import { fetchNode24, node24Path } from "../node24/fetch.mjs";
import { buildOwncast, owncastPath } from "../owncast/build.mjs";
import { beside } from "../process/beside.mjs";
import { onlyForProof, SetupError } from "../process/errors.mjs";
import {
  makePythonEnvironment,
  pythonEnvironmentPath,
  pythonOf,
  tryPythonEnvironment,
} from "../python/environment.mjs";
import { makeRootfs } from "../rootfs/make.mjs";
import { rootfsPath, suites } from "../rootfs/recipe.mjs";
import { soundsPath, unpackSounds } from "../speech/sounds.mjs";
import { checkDisk, checkPorts } from "./checks.mjs";
import { caddyPath, debian } from "./debian.mjs";
import { findGo } from "./go.mjs";
import { cacheFolder, searchPath, thisMachine } from "./machine.mjs";
import { installPackages } from "./npm-packages.mjs";
import { describePlan, planSteps } from "./plan.mjs";
import { nameable, pythonVersion, survey, variables } from "./survey.mjs";

/** @typedef {import("./survey.mjs").Need} Need */

/**
 * Waits for work that goes on beside the steps, and shows where it stands.
 * @typedef {(note: (text: string) => void) => Promise<void>} Aside
 */

/** The checkout. */
export const tree = resolve(fileURLToPath(new URL("../..", import.meta.url)));

// Scripts that run Caddy and Nix of Debian forky on this machine.
const newestPrograms = join(tree, "tools/rootfs/programs");

/** The needs of the demo, and most needs of the tests. Lanes that need more set it up when they run. */
export const allNeeds = /** @type {const} */ (["npm", "owncast", "caddy", "ffmpeg", "namespaces"]);

/**
 * Sets up what is needed. Resolves to the variables that name it (OWNCAST, CADDY, ROOTFS_<SUITE>, ...) and a PATH. If there are problems
 * that only a person can solve, it changes nothing and rejects with a SetupError that names all. It also rejects with SetupError when a
 * step fails.
 * @param {readonly Need[]} needs
 * @param {{ signal: AbortSignal, ports?: readonly { option: string, value: string }[], isNginxOptional?: boolean, isSpeechOptional?: boolean }} options
 * `isNginxOptional`, `isSpeechOptional`: whether all goes on without nginx, or without the speech engines, if they cannot be fetched
 * @returns {Promise<Record<string, string>>}
 */
export async function provision(needs, { signal, ports = [], isNginxOptional = true, isSpeechOptional = true }) {
  const { problems, work } = survey(needs, thisMachine, tree);
  const steps = planSteps(work);
  const cache = cacheFolder(process.env);
  refuse([
    ...problems,
    // Without steps, no more room is needed.
    ...(steps.length > 0 ? checkDisk([cache, tree, ...(work.owncast?.go.caches ?? [])], thisMachine.freeBytes) : []),
    ...(await checkPorts(ports)),
  ]);
  process.stderr.write(describePlan(steps));
  const apt = debian({ isRoot: thisMachine.isRoot, signal });
  const onWait = (/** @type {string} */ holder) => {
    process.stderr.write(`\n  another set-up (process ${holder}) is running; waiting for it to end\n`);
  };
  /** @type {(some: readonly import("./plan.mjs").PlannedStep[], rootfs?: Aside) => Promise<void>} */
  const perform = async (some, rootfs) => {
    for (const { id, title } of some)
      await step(title, async (note) => {
        if (id === "packages") await apt.install(work.packages);
        if (id === "caddy" && work.caddy) await apt.unpackCaddy(work.caddy, { signal, onWait });
        if (id === "nginx" && work.nginx)
          await (isNginxOptional ? unpackNginx : fetchNginx)(work.nginx, { signal, onWait });
        if (id === "npm") await installPackages(tree, cache, { signal, onWait });
        if (id === "owncast" && work.owncast)
          await buildOwncast(work.owncast.target, work.owncast.go.program, { signal, onWait, note });
        if (id === "python")
          await makePythonEnvironment("python", pythonEnvironment("python"), "python3", { signal, onWait });
        if (id === "speech")
          await (isSpeechOptional ? tryPythonEnvironment : makePythonEnvironment)(
            "speech",
            pythonEnvironment("speech"),
            "python3",
            { signal, onWait },
          );
        if (id === "sounds" && work.sounds) await unpackSounds(work.sounds, apt.download, { signal, onWait });
        if (id === "chromium") await apt.install(["chromium"]).catch(onlyForProof);
        if (id === "node24" && work.node24) await fetchNode24(work.node24, { signal, onWait });
        if (id === "goPrograms")
          for (const { name, target, go } of work.goPrograms)
            await buildGoProgram(target, name, go.program, { signal, onWait });
        if (id === "cargoPrograms")
          for (const program of work.cargoPrograms) await buildCargoProgram(program, { signal, onWait });
        if (id === "rootfs") await rootfs?.(note);
      });
  };
  const isFirst = (/** @type {{ id: string }} */ { id }) => id === "packages";
  await perform(steps.filter(isFirst));
  let note = (/** @type {string} */ _text) => {};
  // They wait for a mirror most of the time, and compilers do not. debootstrap is one of the packages.
  const makeAll = async (/** @type {AbortSignal} */ ownSignal) => {
    const made = await Promise.allSettled(
      work.rootfs.map(({ suite, target, mirror }) =>
        makeRootfs(target, suite, mirror, { signal: ownSignal, onWait, note: (text) => note(`${suite}: ${text}`) }),
      ),
    );
    for (const one of made) if (one.status === "rejected") throw one.reason;
  };
  await beside(signal, makeAll, (rootfs) =>
    perform(
      steps.filter((planned) => !isFirst(planned)),
      async (show) => {
        note = show;
        await rootfs;
      },
    ),
  );
  return environment(needs);
}

// A function, because the set-up may install Python first.
/** @param {import("../python/environment.mjs").PythonEnvironment} name */
const pythonEnvironment = (name) =>
  pythonEnvironmentPath(name, cacheFolder(process.env), pythonVersion(thisMachine) ?? "none");

/** @param {readonly import("./survey.mjs").Problem[]} problems */
function refuse(problems) {
  const [first, ...others] = problems;
  if (!first) return;
  if (others.length === 0) throw new SetupError(first.what, first.remedy);
  const list = problems.map(({ what, remedy }) => `- ${what}\n  → ${remedy}`);
  throw new SetupError(["The set-up cannot start, and has changed nothing:", ...list].join("\n"));
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
    caddy: find("caddy") ?? caddyPath(env),
    nginx: find(nginxPath(cache)),
    ffmpeg: find("ffmpeg"),
    chromium: find("chromium"),
    speech: needs.includes("speech") && !env.SPEECH ? find(pythonOf(pythonEnvironment("speech"))) : undefined,
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
  if (needs.includes("python")) programs.CHECKS_PYTHON = pythonOf(pythonEnvironment("python"));
  if (needs.includes("sounds") && existsSync(soundsPath(cache))) programs.SOUNDS = soundsPath(cache);
  if (needs.includes("node24")) programs.NODE24 = node24Path(cache);
  for (const suite of suites)
    if (needs.includes(suite)) programs[`ROOTFS_${suite.toUpperCase()}`] = rootfsPath(cache, suite);
  if (needs.includes("forky"))
    Object.assign(programs, { NEWEST_PROGRAMS: newestPrograms, NEWEST_CADDY: join(newestPrograms, "caddy") });
  return programs;
}
