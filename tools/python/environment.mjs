import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SetupError, Unavailable } from "../process/errors.mjs";
import { makeOnce } from "../process/make-once.mjs";
import { runCommand } from "../process/run-command.mjs";

const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));

/**
 * The path of the virtual environment, made or not. It differs by requirements and by Python version.
 * @param {string} cache
 * @param {string} version what `python3 --version` says
 */
export function pythonEnvironmentPath(cache, version) {
  const recipe = createHash("sha256").update(JSON.stringify([readFileSync(requirements, "utf8"), version]));
  return join(cache, `python-${recipe.digest("hex").slice(0, 16)}`, "environment");
}

/** @param {string} environment its path */
export const pythonOf = (environment) => join(environment, "bin/python");

/**
 * Makes the virtual environment if it is missing. Rejects with Unavailable if pip fails, because only tests need the packages.
 * @param {string} target from pythonEnvironmentPath
 * @param {string} python the Python program that makes it
 * @param {import("../process/lock.mjs").LockOptions} options
 */
export async function makePythonEnvironment(target, python, { signal, onWait }) {
  await makeOnce(target, { signal, onWait }, async (workshop) => {
    const environment = join(workshop, "environment");
    const flags = ["--disable-pip-version-check", "--no-input", "--retries=2", "--no-deps", "--only-binary=:all:"];
    try {
      await runCommand(python, ["-m", "venv", environment], { signal, cwd: workshop });
      await runCommand(pythonOf(environment), ["-m", "pip", "install", ...flags, "--requirement", requirements], {
        signal,
        cwd: dirname(requirements),
      });
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      const lastLine = error.message
        .split("\n")
        .at(-1)
        ?.replace(/^[\s|]+/, "");
      throw new Unavailable(`pyflakes and mypy cannot be installed (${lastLine})`, "see why `pip download mypy` fails");
    }
    return environment;
  });
}
