import type { Assets } from "../../codegen/schema/asset.ts";
import { configFields } from "../../codegen/schema/fields.ts";
import type { SecretLookup } from "../../codegen/schema/registry.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { CliError, ExitCode } from "../errors.ts";
import { answerOf, brokenOff, changeLeft, notConverged, notSupported, stepLeft } from "./apply-errors.ts";
import { accepted, OwncastClient, type WriteResult } from "./client.ts";
import { type Change, diff, unsupported } from "./diff.ts";
import { applyResources, planResources, type ResourcePlan } from "./resources/converge.ts";
import type { ResourceServer, ResourceStep } from "./resources/kind.ts";
import { ensureTokenFolder, saveTokens } from "./resources/token-files.ts";
import { publicDefault } from "./secrets.ts";

export interface Target {
  readonly seed: Seed;
  /** The bytes of the files that the seed names, read with it. */
  readonly assets?: Assets;
  /** Owncast's own address, `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly reveal: SecretLookup;
  /** How long to wait for a server that does not answer yet. */
  readonly deadlineSeconds: number;
  /** The password that the server has now, where that is known not to be the seed's (bootstrap). */
  readonly currentPassword?: string;
  /** Where access tokens that Owncast makes are left: in `tokens/<name>`. */
  readonly stateDir?: string;
  readonly signal?: AbortSignal;
}

/** What stands between a seed and a running Owncast. */
export interface Plan {
  readonly changes: readonly Change[];
  /** The admin password must be changed too; it cannot be read back and is tried instead. */
  readonly passwordChange: boolean;
  /** What must be done outside the configuration: files, webhooks, access tokens. */
  readonly resources: readonly ResourceStep[];
  /** What is there of a declared kind, is not in the seed, and stays. */
  readonly unmanaged: readonly Unmanaged[];
}

export interface Unmanaged {
  /** The setting, dotted. */
  readonly path: string;
  readonly names: readonly string[];
}

/** What was done. */
export interface Applied extends Plan {
  /** Files in which access tokens were left by this run. */
  readonly tokenFiles: readonly string[];
}

/** Called after each write, with what it was for. */
export type OnWritten = (written: Change | ResourceStep | "adminPassword") => void;

interface Session {
  readonly client: OwncastClient;
  readonly changes: readonly Change[];
  readonly passwordChange: boolean;
}

/** Reads the server once and says what would change. Throws CliError: 69 unreachable, 77 password refused, 1 a setting this server lacks. */
export async function plan(target: Target): Promise<Plan> {
  const session = await open(target);
  return summary(session, await planResources(target.seed, serverOf(session, target)));
}

/**
 * Makes the server what the seed says: reads, writes only the difference, reads again. In sync costs one GET, and one
 * for each declared kind of thing outside the configuration (emoji: and one for each declared picture).
 * Resolves to what was changed. Throws CliError, for a setting that did not converge with its name (exit 1).
 */
export async function apply(target: Target, onWritten: OnWritten = () => {}): Promise<Applied> {
  const session = await open(target);
  const server = serverOf(session, target);
  const kinds = await planResources(target.seed, server);
  const found = summary(session, kinds);
  await ensureTokenFolder(kinds, target.stateDir);
  const left =
    countChanges(found) > 0 ? await write(target, session, server, kinds, onWritten) : { plans: kinds, lines: [] };
  // Saved before anything is complained about: a token that was made must not be lost.
  const tokenFiles = await saveTokens(left.plans, target.stateDir);
  if (left.lines.length > 0) throw notConverged(left.lines);
  return { ...found, tokenFiles };
}

/** How many things a plan changes. */
export const countChanges = ({ changes, passwordChange, resources }: Plan): number =>
  changes.length + (passwordChange ? 1 : 0) + resources.length;

const serverOf = ({ client }: Session, { assets = new Map() }: Target): ResourceServer => ({ client, assets });

const summary = ({ changes, passwordChange }: Session, kinds: readonly ResourcePlan[]): Plan => ({
  changes,
  passwordChange,
  resources: kinds.flatMap(({ steps }) => steps),
  unmanaged: kinds.flatMap(({ path, extras }) =>
    extras.length === 0 ? [] : [{ path, names: extras.map(({ label }) => label) }],
  ),
});

/** Writes the difference and reads again; a line for each thing that is not as the seed says after all. */
async function write(
  target: Target,
  { client, changes, passwordChange }: Session,
  server: ResourceServer,
  kinds: readonly ResourcePlan[],
  onWritten: OnWritten,
): Promise<{ readonly plans: readonly ResourcePlan[]; readonly lines: readonly string[] }> {
  const answers = new Map<string, WriteResult>();
  for (const change of changes) {
    const answer = await client.write(change.write, change.want);
    answers.set(change.path, answer);
    if (accepted(answer)) onWritten(change);
    // Goes on when the server is there again, and else says how far it came.
    if (answer.status === 0)
      await client.serverConfig().catch((error) => Promise.reject(brokenOff(error, changes, answers)));
  }
  const settled = [];
  for (const kind of kinds) settled.push(await applyResources(kind, target.seed, server, onWritten));
  if (passwordChange) await changePassword(target, client, onWritten);
  // What a write answered proves nothing (Owncast says 400 to values it saved): only what reads back counts.
  const left = diff(configFields, target.seed, await client.serverConfig(), target.reveal);
  const lines = left.map((change) => changeLeft(change, answers.get(change.path)));
  const unsettled = settled.flatMap((one) => one.unsettled);
  return { plans: settled.map(({ plan }) => plan), lines: [...lines, ...unsettled.map(stepLeft)] };
}

/** Sets the seed's password and logs in with it. Throws CliError 1 when the server keeps the old one. */
async function changePassword(target: Target, client: OwncastClient, onWritten: OnWritten): Promise<void> {
  const password = desiredPassword(target);
  const answer = await client.write("adminpass", password);
  client.usePassword(password);
  await client.serverConfig().catch((error: unknown) => {
    if (!(error instanceof CliError) || error.exitCode !== ExitCode.refused) throw error;
    const old = target.currentPassword === undefined ? `Owncast's public default, ${publicDefault}` : "the one it had";
    throw new CliError(
      ExitCode.failed,
      `${target.url}: the admin password did not change (${answerOf(answer, true)}); it still is ${old}`,
      "keep this server from being reached, and run apply again",
    );
  });
  onWritten("adminPassword");
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
      const changes = diff(configFields, seed, await client.serverConfig(), reveal);
      const lacking = unsupported(changes);
      if (lacking.length > 0) throw notSupported(url, lacking);
      return { client, changes, passwordChange: password !== desired };
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== ExitCode.refused) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}
