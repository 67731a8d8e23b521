import { readFileSync } from "node:fs";

/** Hosts whose files are held, by name. */
export const goldenHosts = "checks/golden";

/**
 * The Caddyfile that NixOS writes for a host, with other places for what a test may not touch, and options in front of its
 * global ones. Throws when it names one of the places nowhere.
 */
export function goldenSite(host: string, places: Readonly<Record<string, string>>, options = ""): string {
  const golden = readFileSync(`${goldenHosts}/${host}/Caddyfile`, "utf8");
  const moved = Object.entries(places).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the Caddyfile of ${host} does not name ${from}`);
    return text.replaceAll(from, to);
  }, golden);
  return moved.replace("{\n", `{\n${options}`);
}
