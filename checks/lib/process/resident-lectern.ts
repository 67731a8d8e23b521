import { AsyncLocalStorage } from "node:async_hooks";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endProcess } from "../../../src/lib/child-process.ts";
import { parseCommandLine } from "../../../src/program.ts";
import { runTypeScript } from "./lectern-command.ts";

/** One process that runs many commands of Lectern, also at once: a process for each takes a second of processor time. */
export interface ResidentLectern {
  /** Resolves to the exit code and the standard output. Rejects with the command's error if it throws. */
  run(words: readonly string[]): Promise<Reply>;
  stop(): Promise<void>;
}

export interface Reply {
  readonly code: number;
  readonly stdout: string;
}

const ownFile = fileURLToPath(import.meta.url);

/** Starts it; `enter` puts its command line into a network namespace. */
export function startResidentLectern(enter: (command: readonly string[]) => readonly string[]): ResidentLectern {
  const [program = "", ...args] = enter([...runTypeScript, ownFile]);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<number, PromiseWithResolvers<Reply>>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, error, ...reply } = JSON.parse(line) as Reply & { id: number; error?: string };
    if (error === undefined) waiting.get(id)?.resolve(reply);
    else waiting.get(id)?.reject(new Error(error));
  });
  child.once("exit", () => {
    for (const one of waiting.values()) one.reject(new Error("the process that runs the commands has ended"));
  });
  return {
    run(words) {
      const id = waiting.size;
      const reply = deferred<Reply>();
      waiting.set(id, reply);
      child.stdin.write(`${JSON.stringify({ id, words })}\n`);
      return reply.promise;
    },
    stop: () => endProcess(child),
  };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

function deferred<T>(): PromiseWithResolvers<T> {
  let settle: Omit<PromiseWithResolvers<T>, "promise"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as Omit<PromiseWithResolvers<T>, "promise">) };
}

/** The program itself: each input line names a command, each output line holds a command's result. */
function serve(): void {
  const outputs = new AsyncLocalStorage<{ text: string }>();
  const reply = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string | Uint8Array) => {
    const output = outputs.getStore();
    if (output) output.text += text;
    return true;
  };
  createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, words } = JSON.parse(line) as { id: number; words: string[] };
    const output = { text: "" };
    outputs
      .run(output, async () => {
        const parsed = await parseCommandLine(words);
        return { code: parsed ? await parsed.verb.run(parsed.args, parsed.options) : 0, stdout: output.text };
      })
      .catch((error: Error) => ({ error: error.message }))
      .then((outcome) => reply(`${JSON.stringify({ id, ...outcome })}\n`));
  });
}

if (process.argv[1] === ownFile) serve();
