import { codeOf } from "./error-cause.ts";

/** Whether a process lives, of whatever user. The system gives the ids of dead ones to new ones. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}
