import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalStage } from "../../../src/local/stage.ts";

/** A server that can stand in front of a host's stages. */
export type Front = "caddy" | "nginx";

/** Hosts with golden files, by name. */
export const goldenHosts = "checks/golden";

const configurations = { caddy: "Caddyfile", nginx: "nginx.conf" } as const;

/** The file with the configuration of a front for a golden host. */
export const goldenFile = (front: Front, host: string): string => join(goldenHosts, host, configurations[front]);

/** Golden hosts with that front. */
export const hostsWith = (front: Front): string[] =>
  readdirSync(goldenHosts).filter((host) => existsSync(goldenFile(front, host)));

/** Replaces texts. Throws if one is not there. */
export const changed = (text: string, places: Readonly<Record<string, string>>, of: string): string =>
  Object.entries(places).reduce((now, [from, to]) => {
    if (!now.includes(from)) throw new Error(`${of} does not name ${from}`);
    return now.replaceAll(from, to);
  }, text);

/**
 * NixOS's Caddyfile for a host. It replaces the places that a test may not touch, and puts options before the global ones.
 * Throws if the Caddyfile does not name one of the places.
 */
export function goldenSite(host: string, places: Readonly<Record<string, string>>, options = ""): string {
  const golden = readFileSync(goldenFile("caddy", host), "utf8");
  return changed(golden, places, `the Caddyfile of ${host}`).replace("{\n", `{\n${options}`);
}

const noRehearsal = 'respond "This stage allows no rehearsal: its stage file does not say rehearsal.enable: true." 404';

/** The place for `goldenSite` by which a stage on this machine has its door for rehearsals; none if the stage allows no rehearsal. */
export const rehearsalPlace = ({
  folder,
  rehearsalDir,
}: Pick<LocalStage, "folder" | "rehearsalDir">): Readonly<Record<string, string>> =>
  rehearsalDir === undefined ? {} : { [noRehearsal]: `import ${join(folder, rehearsalDir)}/*.caddyfile` };
