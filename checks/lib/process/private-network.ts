import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endProcess } from "../../../src/lib/child-process.ts";
import { CliError, ExitCode } from "../../../src/lib/errors.ts";
import { listen } from "../../../src/lib/free-port.ts";
import type { Part } from "../../../src/local/part.ts";

/** A network namespace with only a loopback of its own. It lives as long as its holder process. */
export interface PrivateNetwork extends Part {
  /** The namespace, as a file. */
  readonly file: string;
  /** The argument list that runs a command in the namespace. */
  enter(command: readonly string[]): string[];
  /** From now on, connections to 127.0.0.1:`outside` reach 127.0.0.1:`inside` of the namespace. Throws CliError 1 if the port is taken. */
  open(outside: number, inside: number): Promise<void>;
}

/** Makes the namespace. Its holder (network-holder.mjs) ends with this process. Throws CliError when the kernel refuses. */
export async function makePrivateNetwork(): Promise<PrivateNetwork> {
  const relay = fileURLToPath(new URL("network-holder.mjs", import.meta.url));
  const holder = spawn("unshare", ["--net", "--", process.execPath, relay], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await Promise.race([
    once(holder, "message"),
    once(holder, "exit").then(() => {
      throw new CliError(
        ExitCode.failed,
        "the private network could not be made",
        "see the line above; it needs iproute2's `ip`",
      );
    }),
  ]);
  let stopping = false;
  const died = new Promise<never>((_, reject) => {
    holder.once("exit", () => {
      if (!stopping)
        reject(
          new CliError(ExitCode.failed, "the private network's relay ended by itself, and with it the way to Owncast"),
        );
    });
  });
  died.catch(() => {});
  const file = `/proc/${holder.pid}/ns/net`;
  return {
    name: "the private network",
    ...{ file, died },
    async stop() {
      stopping = true;
      await endProcess(holder);
    },
    enter: (command) => ["nsenter", `--net=${file}`, "--", ...command],
    async open(outside, inside) {
      const server = await listen(outside).catch((error: NodeJS.ErrnoException) => {
        throw new CliError(
          ExitCode.failed,
          `127.0.0.1:${outside} cannot be listened on (${error.code})`,
          "another program took the port in the meantime",
        );
      });
      // The socket was made outside the namespace, so it listens outside. The process that accepts from it connects inside.
      await new Promise<void>((resolve, reject) => {
        holder.send({ port: inside }, server, (error) => (error ? reject(error) : resolve()));
      });
      server.close();
    },
  };
}
