import { provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";
import { benchPrograms } from "./programs.mjs";

const needs = /** @type {const} */ (["npm", "owncast", "caddy", "ffmpeg", "namespaces"]);

/**
 * Prints the cost of a live stage's delivery: Lectern's Caddyfile and Lectern's nginx against the article's, Caddy's file_server,
 * nginx with only files, and plain Owncast. Installs servers and load generator first. Takes about six minutes.
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
