import { step } from "../src/lib/progress.mjs";
import { fetchNginx, nginxPath, surveyNginx } from "../tools/nginx/unpack.mjs";
import { SetupError } from "../tools/process/errors.mjs";
import { debian } from "../tools/setup/debian.mjs";
import { cacheFolder, thisMachine } from "../tools/setup/machine.mjs";
import { installCommand } from "../tools/setup/survey.mjs";

const h2loadPackage = "nghttp2-client";

/**
 * Provides the benchmarks' own programs, and resolves to the variables that name them: the nginx of the tests, and h2load (Debian's,
 * installed: it has no service). Variables may name both already, and h2load may be on PATH.
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
  if (env.NGINX && !find(env.NGINX))
    throw new SetupError(
      `NGINX=${env.NGINX} is not an executable program`,
      "correct NGINX, or unset it, so that the set-up provides the program",
    );
  const nginx = find(env.NGINX || nginxPath(cacheFolder(env)));
  if (nginx) return { NGINX: nginx, H2LOAD: h2load };
  const work = surveyNginx(thisMachine);
  if (!work)
    throw new SetupError(
      "no package source of this machine serves nginx of Debian forky",
      "set NGINX to an existing nginx of 1.25.1 or later",
    );
  const onWait = (/** @type {string} */ holder) => process.stderr.write(`waiting for process ${holder}\n`);
  await step("nginx of Debian forky with its libraries, unpacked, not installed", () =>
    fetchNginx(work, { signal, onWait }),
  );
  return { NGINX: work.target, H2LOAD: h2load };
}
