import { createServer, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { fetchWhole } from "./fetch-whole.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it.concurrent.each<{ what: string; goesOn: (socket: Socket) => void }>([
  { what: "stops", goesOn: () => {} },
  {
    what: "comes a byte at a time",
    goesOn: (socket) => {
      const timer = setInterval(() => socket.write(" "), 50);
      socket.once("close", () => clearInterval(timer));
    },
  },
])(
  "gives up a body that $what, and closes its connection, in time, even if garbage was collected",
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
    const ask = () => fetchWhole(`http://127.0.0.1:${port}/`, { seconds: 3 }).catch((error: unknown) => error);
    const collecting = setInterval(collectGarbage, 100);
    const ended = await Promise.all([ask(), ask(), ask()]);
    clearInterval(collecting);
    expect(ended).toMatchObject(Array(3).fill({ name: "TimeoutError" }));
    await expect.poll(() => closed).toBe(3);
    server.close();
  },
);

it("gives up a body that is too long, and follows no redirect", async () => {
  const server = createServer((socket) => {
    socket
      .on("error", () => {})
      .once("data", (asked) => {
        const isLong = `${asked}`.startsWith("GET /long ");
        socket.end(
          isLong
            ? `HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n${"x".repeat(99)}`
            : "HTTP/1.1 302 Found\r\nLocation: /long\r\nContent-Length: 0\r\n\r\n",
        );
      });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  await expect(fetchWhole(`${url}/long`, { seconds: 5, maxBytes: 98 })).rejects.toThrow("longer than 98 bytes");
  expect(await fetchWhole(`${url}/`, { seconds: 5, maxBytes: 98 })).toMatchObject({ status: 302 });
  server.close();
});
