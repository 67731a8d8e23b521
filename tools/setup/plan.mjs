import { cargoPrograms as crates } from "../cargo/programs.mjs";
import { goPrograms as recipes } from "../go/programs.mjs";
import { node24Version } from "../node24/fetch.mjs";
import { owncastVersion } from "../owncast/build.mjs";
import { soundsPackage } from "../speech/sounds.mjs";

/**
 * A step of the set-up.
 * @typedef {object} PlannedStep
 * @property {keyof import("./survey.mjs").Work} id
 * @property {string} title
 * @property {number} minutes usual duration on two cores, with downloads
 */

/**
 * The steps with work to do, in their order.
 * @param {import("./survey.mjs").Work} work
 * @returns {PlannedStep[]}
 */
export function planSteps(work) {
  const { packages, goPrograms, cargoPrograms, rootfs } = work;
  /** @type {PlannedStep[]} */
  const steps = [
    { id: "packages", title: `Debian packages: ${packages.join(", ")}`, minutes: 1 },
    { id: "caddy", title: "Caddy from Debian, unpacked, not installed", minutes: 0.2 },
    { id: "nginx", title: "nginx of Debian forky with its libraries, unpacked, not installed", minutes: 0.3 },
    { id: "npm", title: "npm packages", minutes: 0.3 },
    { id: "owncast", title: `Owncast ${owncastVersion}, built from source`, minutes: 3 },
    { id: "python", title: "Python packages that check the VM tests", minutes: 0.2 },
    { id: "speech", title: "Python packages: the speech server and its engines", minutes: 0.5 },
    { id: "sounds", title: `applause and music of Debian's ${soundsPackage}, unpacked, not installed`, minutes: 0.2 },
    { id: "chromium", title: "Chromium, Debian's package", minutes: 1 },
    { id: "node24", title: `Node ${node24Version}, which hosts run Lectern with`, minutes: 0.3 },
    {
      id: "goPrograms",
      title: `built from source: ${goPrograms.map(({ name }) => recipes[name].title).join(", ")}`,
      minutes: goPrograms.reduce((sum, { name }) => sum + recipes[name].minutes, 0),
    },
    {
      id: "cargoPrograms",
      title: `for the Nix files, built from source: ${cargoPrograms.map(({ name }) => name).join(", ")}`,
      minutes: cargoPrograms.reduce((sum, { name }) => sum + crates[name].minutes, 0),
    },
    {
      id: "rootfs",
      title: `Debian to boot in namespaces: ${rootfs.map(({ suite }) => suite).join(", ")}`,
      minutes: 2 * rootfs.length,
    },
  ];
  return steps.filter(({ id }) => (Array.isArray(work[id]) ? work[id].length > 0 : Boolean(work[id])));
}

/**
 * The plan as text for a person; empty if there are no steps.
 * @param {readonly PlannedStep[]} steps
 */
export function describePlan(steps) {
  if (steps.length === 0) return "";
  const total = steps.reduce((sum, { minutes }) => sum + minutes, 0);
  const lines = steps.map(({ title, minutes }, index) => `  ${index + 1}. ${title} (${inWords(minutes)})`);
  return [`Set-up, ${inWords(total)} in all; the next time this is skipped:`, ...lines, ""].join("\n");
}

/** @param {number} minutes */
const inWords = (minutes) => (minutes < 1 ? `about ${Math.round(minutes * 60)} s` : `about ${Math.round(minutes)} min`);
