import { step } from "../src/lib/progress.mjs";
import { SetupError } from "../tools/process/errors.mjs";
import { debian, unpackedPath } from "../tools/setup/debian.mjs";
import { thisMachine } from "../tools/setup/machine.mjs";
import { installCommand } from "../tools/setup/survey.mjs";

const h2loadPackage = "nghttp2-client";

/**
 * Provides the benchmarks' own programs, and resolves to the variables that name them: nginx (Debian's, unpacked into the cache
 * folder) and h2load (Debian's, installed: it has no service). Variables may name both already, or both may be on PATH.
 * Rejects with SetupError if that is impossible.
 * @param {AbortSignal} signal
 * @returns {Promise<{ NGINX: string, H2LOAD: string }>}
 */
export async function benchPrograms(signal) {
  const { env, find, isRoot } = thisMachine;
  const apt = debian({ isRoot, signal });
  const canApt = find("apt-get") !== undefined;
  let h2load = find(env.H2LOAD || "h2load");
  if (!h2load) {
    if (env.H2LOAD || !isRoot || !canApt)
      throw new SetupError(
        env.H2LOAD ? `H2LOAD=${env.H2LOAD} is not an executable program` : "h2load, the load generator, was not found",
        `${isRoot ? "" : "sudo "}${installCommand([h2loadPackage])}, or set H2LOAD to an existing one`,
      );
    await step(`Debian package: ${h2loadPackage}`, () => apt.install([h2loadPackage]));
    h2load = find("h2load") ?? "h2load";
  }
  const nginx = find(env.NGINX || "nginx");
  if (nginx) return { NGINX: nginx, H2LOAD: h2load };
  if (env.NGINX || !canApt)
    throw new SetupError(
      env.NGINX ? `NGINX=${env.NGINX} is not an executable program` : "nginx was not found",
      "install nginx (its service is not needed), or set NGINX to an existing one",
    );
  const target = unpackedPath("nginx", env);
  const onWait = (/** @type {string} */ holder) => process.stderr.write(`waiting for process ${holder}\n`);
  await step("nginx from Debian, unpacked, not installed", () => apt.unpack("nginx", target, { signal, onWait }));
  return { NGINX: target, H2LOAD: h2load };
}
