import { describe } from "vitest";
import { nginxLack } from "../../../tools/nginx/unpack.mjs";
import { needs } from "../needs.ts";
import type { GoldenFront, GoldenFrontOptions } from "./front.ts";
import { startGoldenCaddy } from "./golden-caddy.ts";
import { startGoldenNginx } from "./golden-nginx.ts";
import type { Front } from "./golden-site.ts";

/** Starts a host's sites on a front, and waits for any response of the first one. */
export const startGoldenFront = (front: Front, host: string, options: GoldenFrontOptions): Promise<GoldenFront> =>
  front === "caddy" ? startGoldenCaddy(host, options) : startGoldenNginx(host, options);

/** Options of a test or a group of tests that runs nginx. */
export const needsNginx = needs(Boolean(process.env.NGINX), nginxLack);

const everyFront: readonly Front[] = ["caddy", "nginx"];

/**
 * Runs a group of tests on each front: the fronts at the same time, the tests of one in their order. `expect.poll` then
 * needs the test's own `expect`. In the lane that is about another
 * Caddy it runs them on Caddy alone.
 */
export function onEachFront(tests: (front: Front) => void, fronts: readonly Front[] = everyFront): void {
  const on = (front: Front, name: string, lack = {}) =>
    describe("a site", { concurrent: true }, () => {
      describe(name, { sequential: true, ...lack }, () => tests(front));
    });
  if (fronts.includes("caddy")) on("caddy", "on Caddy");
  if (fronts.includes("nginx") && process.env.LECTERN_FRONT !== "caddy") on("nginx", "on nginx", needsNginx);
}

/** The doors of a front: the file that it includes, and the options by which Lectern writes it. */
export const doorFor: Readonly<Record<Front, { readonly file: string; readonly flags: readonly string[] }>> = {
  caddy: { file: "door.caddyfile", flags: [] },
  nginx: { file: "door.nginx", flags: ["--for", "nginx"] },
};
