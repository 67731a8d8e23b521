import { provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";
import { benchPrograms } from "./programs.mjs";

const needs = /** @type {const} */ (["npm", "owncast", "caddy", "ffmpeg", "namespaces"]);

/**
 * Prints what delivering a live stage costs: Lectern's Caddyfile against the article's, Caddy's file_server, nginx and
 * Owncast alone. First puts servers and load generator in place. Takes about four minutes.
 */
export const benchDelivery = () =>
  inNamespaces(
    "delivery",
    async ({ folder, signal }) => {
      const { runDelivery } = await import("./delivery/run.ts");
      await runDelivery(folder, signal);
    },
    async (signal) => ({ ...(await provision(needs, { signal })), ...(await benchPrograms(signal)) }),
  );
