import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { SecretLookup } from "../../../codegen/schema/core/registry.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { withServerLock } from "../../lib/lock.ts";
import { planResources, type ResourcePlan } from "../resources/converge.ts";
import type { ResourceServer, ResourceStep } from "../resources/kind.ts";
import { ensureTokenFolder, saveTokens } from "../resources/token-files.ts";
import { notConverged } from "./apply-errors.ts";
import type { Change } from "./diff.ts";
import { openSession, type Session } from "./session.ts";
import { rememberBoth } from "./set-password.ts";
import { type OnWritten, writeDifference } from "./write.ts";

export interface Target {
  readonly seed: Seed;
  /** The bytes of the files that the seed names, read with it. */
  readonly assets?: Assets;
  /** Owncast's own address, `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly reveal: SecretLookup;
  /** How long to wait for a server that does not answer, at the start and whenever it is gone; and for another apply. */
  readonly deadlineSeconds: number;
  /** The password that the server has now, where that is known not to be the seed's (bootstrap). */
  readonly currentPassword?: string;
  /** Where access tokens that Owncast makes are left, in `tokens/<name>`, and the password that was applied last, in `applied-password`. */
  readonly stateDir?: string;
  /** Gets a line for people about what is waited for. */
  readonly say?: (line: string) => void;
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

/** Reads the server once and says what would change. Throws CliError: 69 unreachable, 77 password refused, 1 a setting this server lacks. */
export async function plan(target: Target): Promise<Plan> {
  const session = await openSession(target);
  return summary(session, await planResources(target.seed, serverOf(session, target)));
}

/**
 * Makes the server what the seed says: reads, writes only the difference, reads again. In sync costs one GET, and one
 * for each declared kind of thing outside the configuration (emoji: and one for each declared picture). Another apply on
 * the same server, by whatever process of this machine, is waited for.
 * Resolves to what was changed. Throws CliError, for a setting that did not converge with its name (exit 1).
 */
export const apply = (target: Target, onWritten?: OnWritten): Promise<Applied> =>
  withServerLock(target.url, target, () => applyAlone(target, onWritten));

/** `apply` for a server that nobody else can reach: nothing is locked. */
export async function applyAlone(target: Target, onWritten: OnWritten = () => {}): Promise<Applied> {
  const session = await openSession(target);
  const server = serverOf(session, target);
  const kinds = await planResources(target.seed, server);
  const found = summary(session, kinds);
  await ensureTokenFolder(kinds, target.stateDir);
  await rememberBoth(target, session);
  const work = { target, session, server, kinds, onWritten };
  const left = countChanges(found) > 0 ? await writeDifference(work) : { plans: kinds, lines: [] };
  // Saved before anything is complained about: a token that was made must not be lost.
  const tokenFiles = await saveTokens(left.plans, target.stateDir);
  if (left.lines.length > 0) throw notConverged(left.lines);
  return { ...found, tokenFiles };
}

/** How many things a plan changes. */
export const countChanges = ({ changes, passwordChange, resources }: Plan): number =>
  changes.length + (passwordChange ? 1 : 0) + resources.length;

const serverOf = ({ client }: Session, { assets = new Map(), reveal }: Target): ResourceServer => ({
  client,
  assets,
  reveal,
});

const summary = ({ changes, passwordChange }: Session, kinds: readonly ResourcePlan[]): Plan => ({
  changes,
  passwordChange,
  resources: kinds.flatMap(({ steps }) => steps),
  unmanaged: kinds.flatMap(({ path, extras }) =>
    extras.length === 0 ? [] : [{ path, names: extras.map(({ label }) => label) }],
  ),
});
