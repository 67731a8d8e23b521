import { cargoPrograms as crates } from "../cargo/programs.mjs";
import { goPrograms as recipes } from "../go/programs.mjs";
import { node24Version } from "../node24/fetch.mjs";
import { owncastVersion } from "../owncast/build.mjs";

/**
 * A step of the set-up, before it is run.
 * @typedef {object} PlannedStep
 * @property {keyof import("./survey.mjs").Work} id
 * @property {string} title
 * @property {number} minutes what it usually takes on two cores, downloads included
 */

/**
 * The steps that are really to be done, in their order.
 * @param {import("./survey.mjs").Work} work
 * @returns {PlannedStep[]}
 */
export function planSteps({
  packages,
  caddy,
  owncast,
  npm,
  python,
  chromium,
  node24,
  goPrograms,
  cargoPrograms,
  rootfs,
}) {
  /** @type {(PlannedStep & { isNeeded: boolean })[]} */
  const steps = [
    { id: "packages", isNeeded: packages.length > 0, title: `Debian packages: ${packages.join(", ")}`, minutes: 1 },
    { id: "caddy", isNeeded: caddy !== undefined, title: "Caddy from Debian, unpacked, not installed", minutes: 0.2 },
    { id: "npm", isNeeded: npm, title: "npm packages", minutes: 0.3 },
    {
      id: "owncast",
      isNeeded: owncast !== undefined,
      title: `Owncast ${owncastVersion}, built from source`,
      minutes: 3,
    },
    { id: "python", isNeeded: python, title: "Python packages that check the VM tests", minutes: 0.2 },
    { id: "chromium", isNeeded: chromium, title: "Chromium, Debian's package", minutes: 1 },
    {
      id: "node24",
      isNeeded: node24 !== undefined,
      title: `Node ${node24Version}, which hosts run Lectern with`,
      minutes: 0.3,
    },
    {
      id: "goPrograms",
      isNeeded: goPrograms.length > 0,
      title: `for the tests, built from source: ${goPrograms.map(({ name }) => recipes[name].title).join(", ")}`,
      minutes: goPrograms.reduce((sum, { name }) => sum + recipes[name].minutes, 0),
    },
    {
      id: "cargoPrograms",
      isNeeded: cargoPrograms.length > 0,
      title: `for the Nix files, built from source: ${cargoPrograms.map(({ name }) => name).join(", ")}`,
      minutes: cargoPrograms.reduce((sum, { name }) => sum + crates[name].minutes, 0),
    },
    {
      id: "rootfs",
      isNeeded: rootfs.length > 0,
      title: `Debian to boot in namespaces: ${rootfs.map(({ suite }) => suite).join(", ")}`,
      minutes: 2 * rootfs.length,
    },
  ];
  return steps.filter(({ isNeeded }) => isNeeded).map(({ id, title, minutes }) => ({ id, title, minutes }));
}

/**
 * The plan for a person to read; the empty text when nothing is to be done.
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
