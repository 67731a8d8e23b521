import { lost, type WriteResult } from "../client/client.ts";
import { rememberPasswords } from "./admin-password.ts";
import type { Target } from "./apply.ts";
import { passwordLeft } from "./apply-errors.ts";
import { desiredPassword, isRefusal, type Session } from "./session.ts";

/** Leaves in the state folder what the server may have from now on: before a password is changed, the old and the new. */
export function rememberBoth(target: Target, { password, passwordChange }: Session): Promise<void> {
  // Bootstrap's one-time password is never written down: nobody can use it once its server has ended.
  const old = target.currentPassword === undefined ? [password] : [];
  return rememberPasswords(target.stateDir, passwordChange ? [...old, desiredPassword(target)] : old);
}

/** How setting the password ended. */
export interface PasswordSet {
  /** The configuration, read with whatever password the server has now. */
  readonly live: unknown;
  readonly answer: WriteResult;
  /** The line for people when the server kept the old one. */
  readonly left?: string;
}

const maxRounds = 3;

/**
 * Sets the seed's password. Only logging in with it tells whether the server has it; the state folder then holds it alone.
 * Throws CliError: 69 when the server is gone, 77 when it takes neither the old nor the new one.
 */
export async function setPassword(target: Target, session: Session): Promise<PasswordSet> {
  const { client, password: old } = session;
  const desired = desiredPassword(target);
  let answer: WriteResult = { status: 0, message: "" };
  for (let round = 1; lost(answer) && round <= maxRounds; round++) {
    answer = await client.write("adminpass", desired).catch(asRefused);
    client.usePassword(desired);
    const live = await client.serverConfig().catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
    });
    if (live !== undefined) {
      await rememberPasswords(target.stateDir, [desired]);
      return { live, answer: { status: 200, message: "" } };
    }
    client.usePassword(old);
  }
  const live = await client.serverConfig();
  return { live, answer, left: passwordLeft(answer, old) };
}

/** Set by a round before, or by somebody else: logging in tells. */
function asRefused(error: unknown): WriteResult {
  if (isRefusal(error)) return { status: 401, message: "" };
  throw error;
}
