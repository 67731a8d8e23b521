import { configFields } from "../../../codegen/schema/owncast/owncast.ts";
import { accepted, lost, type WriteResult } from "../client/client.ts";
import { applyResources, type ResourcePlan } from "../resources/converge.ts";
import type { ResourceServer, ResourceStep } from "../resources/kind.ts";
import type { Target } from "./apply.ts";
import { brokenOff, changeLeft, type Item, stepLeft, stepName } from "./apply-errors.ts";
import { type Change, diff } from "./diff.ts";
import type { Session } from "./session.ts";
import { setPassword } from "./set-password.ts";

/** Called after each write, with what it was for. */
export type OnWritten = (written: Change | ResourceStep | "adminPassword") => void;

/** What is there after everything was written and read again. */
export interface Written {
  readonly plans: readonly ResourcePlan[];
  /** A line for each thing that is not as the seed says after all. */
  readonly lines: readonly string[];
}

/** All that is to be written. */
export interface Work {
  readonly target: Target;
  readonly session: Session;
  readonly server: ResourceServer;
  readonly kinds: readonly ResourcePlan[];
  readonly onWritten: OnWritten;
}

/**
 * Writes the difference, the admin password last, and reads again. What a write answered proves nothing (Owncast says 400
 * to values that it saved): only what reads back counts. Throws CliError, with how far it came, when the server is gone
 * for longer than the deadline (69) or its password was changed meanwhile (77).
 */
export async function writeDifference(work: Work): Promise<Written> {
  const { target, kinds, server, onWritten } = work;
  const answers = new Map<string, WriteResult>();
  try {
    await writeChanges(work, answers);
    const settled = [];
    for (const kind of kinds)
      settled.push(
        await applyResources(kind, target.seed, server, (step, answer) => {
          answers.set(stepName(step), answer);
          if (accepted(answer)) onWritten(step);
        }),
      );
    const { live, passwordLines } = await finish(work, answers);
    const left = diff(configFields, target.seed, live, target.reveal);
    const lines = [
      ...left.map((change) => changeLeft(change, answers.get(change.path))),
      ...settled.flatMap(({ unsettled }) => unsettled.map(stepLeft)),
      ...passwordLines,
    ];
    return { plans: settled.map(({ plan }) => plan), lines };
  } catch (error) {
    throw brokenOff(error, itemsOf(work, answers));
  }
}

const writersAtOnce = 2;

/**
 * Writes all changes, two at a time: Owncast spends some 80 ms of one processor on the password of every request. Where one
 * writer gives up no other begins anything more.
 */
async function writeChanges(work: Work, answers: Map<string, WriteResult>): Promise<void> {
  const waiting = [...work.session.changes];
  const writer = async () => {
    for (let change = waiting.shift(); change; change = waiting.shift()) await writeChange(work, change, answers);
  };
  const giveUp = (error: unknown) => {
    waiting.length = 0;
    throw error;
  };
  const writers = Array.from({ length: writersAtOnce }, () => writer().catch(giveUp));
  // What one has begun is waited for before the other's fault is told.
  await Promise.allSettled(writers);
  await Promise.all(writers);
}

const maxRounds = 3;

/** Where the connection was lost nobody knows what was done: the server is read when it is back, and asked again if need be. */
async function writeChange(
  { target: { seed, reveal }, session: { client }, onWritten }: Work,
  change: Change,
  answers: Map<string, WriteResult>,
): Promise<void> {
  for (let round = 1; round <= maxRounds; round++) {
    const answer = await client.write(change.write, change.want);
    answers.set(change.path, answer);
    if (accepted(answer)) onWritten(change);
    if (!lost(answer)) return;
    const live = await client.serverConfig();
    if (diff(configFields, seed, live, reveal).some(({ path }) => path === change.path)) continue;
    answers.set(change.path, { status: 200, message: "" });
    return onWritten(change);
  }
}

const passwordPath = "access.adminPassword";

/** Sets the password, if it is to be changed; reads again in any case. */
async function finish(
  { target, session, onWritten }: Work,
  answers: Map<string, WriteResult>,
): Promise<{ readonly live: unknown; readonly passwordLines: readonly string[] }> {
  if (!session.passwordChange) return { live: await session.client.serverConfig(), passwordLines: [] };
  // Until its answer is understood, it is perhaps written.
  answers.set(passwordPath, { status: 0, message: "" });
  const { live, answer, left } = await setPassword(target, session);
  answers.set(passwordPath, answer);
  if (left === undefined) onWritten("adminPassword");
  return { live, passwordLines: left === undefined ? [] : [left] };
}

/** Everything that was to be done, with what came of it so far. */
function itemsOf({ session, kinds }: Work, answers: ReadonlyMap<string, WriteResult>): Item[] {
  const names = [
    ...session.changes.map(({ path }) => path),
    ...kinds.flatMap(({ steps }) => steps.map(stepName)),
    ...(session.passwordChange ? [passwordPath] : []),
  ];
  return names.map((name) => ({ name, answer: answers.get(name) }));
}
