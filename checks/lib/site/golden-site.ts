import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalStage } from "../../../src/local/stage.ts";

/** Hosts with golden files, by name. */
export const goldenHosts = "checks/golden";

/**
 * NixOS's Caddyfile for a host. It replaces the places that a test may not touch, and puts options before the global ones.
 * Throws if the Caddyfile does not name one of the places.
 */
export function goldenSite(host: string, places: Readonly<Record<string, string>>, options = ""): string {
  const golden = readFileSync(`${goldenHosts}/${host}/Caddyfile`, "utf8");
  const moved = Object.entries(places).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the Caddyfile of ${host} does not name ${from}`);
    return text.replaceAll(from, to);
  }, golden);
  return moved.replace("{\n", `{\n${options}`);
}

const noRehearsal = 'respond "This stage allows no rehearsal: its stage file does not say rehearsal.enable: true." 404';

/** The place for `goldenSite` by which a stage on this machine has its door for rehearsals; none if the stage allows no rehearsal. */
export const rehearsalPlace = ({
  folder,
  rehearsalDir,
}: Pick<LocalStage, "folder" | "rehearsalDir">): Readonly<Record<string, string>> =>
  rehearsalDir === undefined ? {} : { [noRehearsal]: `import ${join(folder, rehearsalDir)}/*.caddyfile` };
