import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

// The same on every machine: flakes on, nothing looked up, nothing fetched, no build users.
const config = `
experimental-features = nix-command flakes
build-users-group =
substituters =
flake-registry =
`;

/** Runs one of Nix's programs and resolves to its standard output; rejects with an Error whose `stderr` is what Nix said. */
export async function runNix(
  program: "nix" | "nix-instantiate",
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const env = { ...process.env, ...environment, NIX_CONFIG: `${process.env.NIX_CONFIG ?? ""}\n${config}` };
  const { stdout } = await run(program, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** What Nix said when it refused, or a sentence that it did not; for claims about error messages. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "Nix accepted it.";
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    if (stderr === undefined) throw error;
    return stderr;
  }
}
