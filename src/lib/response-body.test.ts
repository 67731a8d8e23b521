import { createServer, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { bodyOf } from "./response-body.ts";
import { withinSeconds } from "./time-limit.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it.each<{ what: string; goesOn: (socket: Socket) => void }>([
  { what: "hangs", goesOn: () => {} },
  {
    what: "comes a byte at a time",
    goesOn: (socket) => {
      const timer = setInterval(() => socket.write(" "), 50);
      socket.once("close", () => clearInterval(timer));
    },
  },
])(
  "a body that $what is given up in time, and its connection with it, after garbage was collected",
  async ({ goesOn }) => {
    let closed = 0;
    const server = createServer((socket) => {
      socket.on("error", () => {}).once("close", () => closed++);
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{");
        goesOn(socket);
      });
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as { port: number };
    const ask = (redirect: "error" | "manual" | "follow") =>
      withinSeconds(3, undefined, async (signal) => {
        const init = { redirect, signal };
        return bodyOf(await fetch(`http://127.0.0.1:${port}/`, init), signal);
      }).catch((error: unknown) => error);
    const collecting = setInterval(collectGarbage, 100);
    const ended = await Promise.all([ask("error"), ask("manual"), ask("follow")]);
    clearInterval(collecting);
    expect(ended).toMatchObject(Array(3).fill({ name: "TimeoutError" }));
    await expect.poll(() => closed).toBe(3);
    server.close();
  },
);
