import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { named } from "./from-set-up.ts";

/** A program that runs beside the test until the test asks for its result. */
export interface Companion<T> {
  /** Ends it; resolves to its result. Rejects if it had ended by itself. */
  end(): Promise<T>;
}

/**
 * Starts one of this folder's programs in the namespace that `enter` leads to, with a value as JSON. The program sends its
 * result when it gets a message. It ends by itself when the test has ended.
 */
export function startCompanion<T>(
  file: string,
  value: unknown,
  enter: (command: readonly string[]) => string[],
): Companion<T> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const [program = "", ...args] = enter([named("NODE24"), path, JSON.stringify(value)]);
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const died = once(child, "exit").then(() => {
    throw new Error(`${file} ended by itself; it says why, above`);
  });
  died.catch(() => {});
  return {
    async end() {
      const answer = once(child, "message");
      child.send("tell");
      const [told] = await Promise.race([answer, died]);
      return told as T;
    },
  };
}
