import { fields } from "../../codegen/schema/fields.ts";
import type { SecretLookup } from "../../codegen/schema/registry.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../errors.ts";
import { OwncastClient, type WriteResult } from "./client.ts";
import { type Change, diff, unsupported } from "./diff.ts";
import { publicDefault } from "./secrets.ts";

export interface Target {
  readonly seed: Seed;
  /** Owncast's own address, `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly reveal: SecretLookup;
  /** How long to wait for a server that does not answer yet. */
  readonly deadlineSeconds: number;
  /** The password that the server has now, where that is known not to be the seed's (bootstrap). */
  readonly currentPassword?: string;
  readonly signal?: AbortSignal;
}

/** What stands between a seed and a running Owncast. */
export interface Plan {
  readonly changes: readonly Change[];
  /** The admin password must be changed too; it cannot be read back and is tried instead. */
  readonly passwordChange: boolean;
}

/** Called after each write; `change` is undefined for the admin password. */
export type OnWritten = (change: Change | undefined) => void;

interface Session {
  readonly client: OwncastClient;
  readonly plan: Plan;
}

/** Reads the server once and says what would change. Throws CliError: 69 unreachable, 77 password refused, 1 a setting this server lacks. */
export const plan = async (target: Target): Promise<Plan> => (await open(target)).plan;

/**
 * Makes the server what the seed says: reads, writes only the difference, reads again. In sync costs one GET.
 * Resolves to what was changed. Throws CliError, for a setting that did not converge with its name (exit 1).
 */
export async function apply(target: Target, onWritten: OnWritten = () => {}): Promise<Plan> {
  const { client, plan } = await open(target);
  if (plan.changes.length === 0 && !plan.passwordChange) return plan;
  const answers = new Map<string, WriteResult>();
  for (const change of plan.changes) {
    answers.set(change.path, await client.write(change.write, change.want));
    onWritten(change);
  }
  if (plan.passwordChange) {
    const password = desiredPassword(target);
    await client.write("adminpass", password);
    client.usePassword(password);
    onWritten(undefined);
  }
  // What a write answered proves nothing (Owncast says 400 to values it saved): only what reads back counts.
  const left = diff(fields, target.seed, await client.serverConfig(), target.reveal);
  if (left.length > 0) throw notConverged(left, answers);
  return plan;
}

const desiredPassword = ({ seed, reveal }: Target): string => reveal(seed.access.adminPassword.secret);

/** Logs in with the first password that the server takes: the seed's, the known current one, Owncast's default. */
async function open(target: Target): Promise<Session> {
  const { seed, url, reveal, deadlineSeconds, currentPassword, signal } = target;
  const desired = desiredPassword(target);
  const candidates = currentPassword === undefined ? [desired, publicDefault] : [currentPassword];
  const deadline = Date.now() + deadlineSeconds * 1000;
  let refusal: unknown;
  for (const password of candidates) {
    const client = new OwncastClient({ url, password, deadline, ...(signal && { signal }) });
    try {
      const changes = diff(fields, seed, await client.serverConfig(), reveal);
      const lacking = unsupported(changes);
      if (lacking.length > 0) throw notSupported(url, lacking);
      return { client, plan: { changes, passwordChange: password !== desired } };
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== ExitCode.refused) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

const notSupported = (url: string, lacking: readonly Change[]): CliError =>
  new CliError(
    ExitCode.failed,
    `${url}: this Owncast has no ${lacking.map(({ path, since }) => path + (since ? ` (since Owncast ${since})` : "")).join(", ")}`,
    "take the setting out of the stage file, or run a newer Owncast; nothing was written",
  );

function notConverged(left: readonly Change[], answers: ReadonlyMap<string, WriteResult>): CliError {
  const lines = left.map(({ path, secret }) => {
    const { status, message } = answers.get(path) ?? { status: 0, message: "" };
    // Owncast's words may quote the value back.
    const words = secret || message === "" ? "" : `: ${message}`;
    return `  ${path} (${status === 0 ? "changed meanwhile by someone else" : `the server answered ${status}${words}`})`;
  });
  return new CliError(
    ExitCode.failed,
    `not everything is as the seed says:\n${lines.join("\n")}`,
    "the settings that are not named here are applied; run apply again, and see Owncast's log if it stays so",
  );
}
