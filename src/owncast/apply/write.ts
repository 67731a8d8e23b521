import { configFields } from "../../../codegen/schema/owncast/owncast.ts";
import { isAccepted, isLost, unlessRefused, type WriteResult, writeAndReadAgain } from "../client/client.ts";
import { applyResources, type ResourcePlan } from "../resources/converge.ts";
import type { ResourceServer, ResourceStep } from "../resources/kind.ts";
import { rememberPasswords } from "./admin-password.ts";
import { changeLeft, interrupted, passwordLeft, stepLeft, stepName } from "./apply-errors.ts";
import { type Change, diff } from "./diff.ts";
import { desiredPassword, type Session, type Target } from "./session.ts";

/** Called after each write that the server accepted, with the written setting or resource. */
export type OnWritten = (written: Change | ResourceStep | "adminPassword") => void;

/** The server's state after all writes, read again. */
export interface Written {
  readonly plans: readonly ResourcePlan[];
  /** A line for each setting that still differs from the seed. */
  readonly lines: readonly string[];
}

/** All values to write. */
export interface Work {
  readonly target: Target;
  readonly session: Session;
  readonly server: ResourceServer;
  readonly kinds: readonly ResourcePlan[];
  readonly onWritten: OnWritten;
}

/** The last response to each write, by the name of the setting or resource. */
type Results = Map<string, WriteResult>;

const done: WriteResult = { status: 200, message: "" };
const unknown: WriteResult = { status: 0, message: "" };
const passwordPath = "access.adminPassword";

/**
 * Writes the difference, the admin password last, and reads again. A response proves nothing (Owncast answers 400 for
 * values that it saved): only what reads back counts. Throws CliError with the progress so far if the server is gone for
 * longer than the deadline (69) or somebody changed its password meanwhile (77).
 */
export async function writeDifference(work: Work): Promise<Written> {
  const { target, session, kinds, server, onWritten } = work;
  const results: Results = new Map();
  try {
    await writeChanges(work, results);
    const settled = [];
    for (const kind of kinds)
      settled.push(
        await applyResources(kind, target.seed, server, (step, result) => {
          results.set(stepName(step), result);
          if (isAccepted(result)) onWritten(step);
        }),
      );
    const password = session.passwordChange ? await writePassword(work, results) : undefined;
    const config = password?.config ?? (await session.client.serverConfig());
    const left = diff(configFields, target.seed, config, target.reveal);
    const lines = [
      ...left.map((change) => changeLeft(change, results.get(change.path))),
      ...settled.flatMap(({ unsettled }) => unsettled.map(stepLeft)),
      ...(password?.lines ?? []),
    ];
    return { plans: settled.map(({ plan }) => plan), lines };
  } catch (error) {
    const names = [
      ...session.changes.map(({ path }) => path),
      ...kinds.flatMap(({ steps }) => steps.map(stepName)),
      ...(session.passwordChange ? [passwordPath] : []),
    ];
    throw interrupted(
      error,
      names.map((name) => ({ name, result: results.get(name) })),
    );
  }
}

const writersAtOnce = 2;

/**
 * Writes all changes, two at a time: Owncast needs about 80 ms of one processor for the password of every request. If one
 * writer fails, the others begin nothing more.
 */
async function writeChanges(work: Work, results: Results): Promise<void> {
  const waiting = [...work.session.changes];
  const writer = async () => {
    for (let change = waiting.shift(); change; change = waiting.shift()) await writeChange(work, change, results);
  };
  const giveUp = (error: unknown) => {
    waiting.length = 0;
    throw error;
  };
  const writers = Array.from({ length: writersAtOnce }, () => writer().catch(giveUp));
  // Let the other writer finish its request first, then report the fault.
  await Promise.allSettled(writers);
  await Promise.all(writers);
}

async function writeChange(
  { target: { seed, reveal }, session: { client }, onWritten }: Work,
  change: Change,
  results: Results,
): Promise<void> {
  const write = async (): Promise<WriteResult> => {
    const result = await client.write(change.write, change.want);
    results.set(change.path, result);
    return result;
  };
  const isThere = async (result: WriteResult): Promise<boolean> => {
    if (!isLost(result)) return isAccepted(result);
    const differing = diff(configFields, seed, await client.serverConfig(), reveal);
    return !differing.some(({ path }) => path === change.path);
  };
  const { result, isDone } = await writeAndReadAgain(write, isThere);
  if (!isDone) return;
  if (isLost(result)) results.set(change.path, done);
  onWritten(change);
}

/** Before the password is changed, remembers the old and the new one in the state folder: the server may have either. */
export function rememberBoth(target: Target, { password, passwordChange }: Session): Promise<void> {
  // Bootstrap's one-time password is never stored: nobody can use it after its server has ended.
  const old = target.currentPassword === undefined ? [password] : [];
  return rememberPasswords(target.stateDir, passwordChange ? [...old, desiredPassword(target)] : old);
}

/**
 * Sets the seed's password, then uses it. Only a log-in proves that the server has it; then the state folder holds it
 * alone. Resolves to the configuration that the log-in read, or to a line for people if the server kept the old one.
 * Throws CliError: 69 if the server is gone.
 */
async function writePassword({ target, session, onWritten }: Work, results: Results): Promise<PasswordWritten> {
  const { client, password: old } = session;
  const desired = desiredPassword(target);
  // Until a log-in proves it, the password may or may not be written.
  results.set(passwordPath, unknown);
  const write = () =>
    client.write("adminpass", desired).catch((error: unknown): WriteResult => {
      unlessRefused(error);
      // An earlier round, or somebody else, has changed it.
      return { status: 401, message: "" };
    });
  let config: unknown;
  const isThere = async (): Promise<boolean> => {
    client.usePassword(desired);
    config = await client.serverConfig().catch(unlessRefused);
    if (config === undefined) client.usePassword(old);
    return config !== undefined;
  };
  const { result, isDone } = await writeAndReadAgain(write, isThere);
  results.set(passwordPath, isDone ? done : result);
  if (!isDone) return { lines: [passwordLeft(result, old)] };
  await rememberPasswords(target.stateDir, [desired]);
  onWritten("adminPassword");
  return { config, lines: [] };
}

interface PasswordWritten {
  readonly config?: unknown;
  readonly lines: readonly string[];
}
