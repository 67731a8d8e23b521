import { withServerLock } from "../../lib/lock.ts";
import { planResources, type ResourcePlan } from "../resources/converge.ts";
import type { ResourceServer, ResourceStep } from "../resources/kind.ts";
import { ensureTokenFolder, saveTokens } from "../resources/token-files.ts";
import { notConverged } from "./apply-errors.ts";
import { type Change, settingsLeftOut } from "./diff.ts";
import { openSession, type Session, type Target } from "./session.ts";
import { type OnWritten, rememberBoth, writeDifference } from "./write.ts";

/** The difference between a seed and a running Owncast. */
export interface Plan {
  readonly changes: readonly Change[];
  /** The admin password must change too. It cannot be read back: a log-in tells. */
  readonly passwordChange: boolean;
  /** Changes outside the configuration: to pictures, webhooks and access tokens. */
  readonly resources: readonly ResourceStep[];
  /** Resources of a declared kind that are not in the seed and stay. */
  readonly unmanaged: readonly Unmanaged[];
  /** Settings that the seed leaves out, dotted: Owncast keeps its values. */
  readonly leftOut: readonly string[];
}

export interface Unmanaged {
  /** The setting, dotted. */
  readonly path: string;
  readonly names: readonly string[];
}

/** The result of an apply. */
export interface Applied extends Plan {
  /** Files in which this run left access tokens. */
  readonly tokenFiles: readonly string[];
}

/** Reads the server once and says what would change. Throws CliError: 69 unreachable, 77 password refused, 1 a setting this server lacks. */
export const plan = async (target: Target): Promise<Plan> => planIn(await openSession(target), target);

/** The plan for a server to which a session is open. Throws CliError 69. */
export async function planIn(session: Session, target: Target): Promise<Plan> {
  return planOf(session, target, await planResources(target.seed, serverOf(session, target)));
}

/**
 * Gives the server the seed's values: reads, writes only the difference, reads again. If nothing differs, it makes one GET
 * and one more for each declared kind of resource (emoji: and one for each declared picture). Waits while another process
 * of this machine applies to the same server. Throws CliError 1 with the name of each setting that still differs, and as
 * `plan` does.
 */
export const apply = (target: Target, onWritten?: OnWritten): Promise<Applied> =>
  withServerLock(target.url, target, () => applyAlone(target, onWritten));

/** `apply` without a lock, for a server that nobody else can reach. */
export async function applyAlone(target: Target, onWritten: OnWritten = () => {}): Promise<Applied> {
  const session = await openSession(target);
  const server = serverOf(session, target);
  const kinds = await planResources(target.seed, server);
  const found = planOf(session, target, kinds);
  await ensureTokenFolder(kinds, target.stateDir);
  await rememberBoth(target, session);
  const work = { target, session, server, kinds, onWritten };
  const left = countChanges(found) > 0 ? await writeDifference(work) : { plans: kinds, lines: [] };
  // Before any fault is reported: a token that Owncast made must not be lost.
  const tokenFiles = await saveTokens(left.plans, target.stateDir);
  if (left.lines.length > 0) throw notConverged(left.lines);
  return { ...found, tokenFiles };
}

/** The number of settings that a plan changes. */
export const countChanges = ({ changes, passwordChange, resources }: Plan): number =>
  changes.length + (passwordChange ? 1 : 0) + resources.length;

const serverOf = ({ client }: Session, { assets = new Map(), reveal }: Target): ResourceServer => ({
  client,
  assets,
  reveal,
});

const planOf = ({ changes, passwordChange }: Session, { seed }: Target, kinds: readonly ResourcePlan[]): Plan => ({
  changes,
  passwordChange,
  resources: kinds.flatMap(({ steps }) => steps),
  unmanaged: kinds.flatMap(({ path, extras }) =>
    extras.length === 0 ? [] : [{ path, names: extras.map(({ label }) => label) }],
  ),
  leftOut: settingsLeftOut(seed),
});
