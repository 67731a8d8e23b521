import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { codeOf, fileFault, isTimeout, reasonOf } from "./error-cause.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9"), { code: "ECONNREFUSED" });
const ofManyAddresses = Object.assign(new AggregateError([refused, refused]), { code: "ECONNREFUSED" });
const circular: Error = new Error("round and round");
circular.cause = circular;
const endless = Array.from({ length: 50 }).reduce<Error>((cause) => new Error("deep", { cause }), refused);

it.each<{ thrown: unknown; what: string; code: string; reason: string }>([
  { what: "a string", thrown: "just words", code: "", reason: "just words" },
  { what: "nothing", thrown: undefined, code: "", reason: "the reason is not known" },
  { what: "null", thrown: null, code: "", reason: "the reason is not known" },
  { what: "an empty error", thrown: new Error(), code: "", reason: "the reason is not known" },
  { what: "a system error", thrown: refused, code: "ECONNREFUSED", reason: refused.message },
  {
    what: "an error of fetch",
    thrown: new TypeError("fetch failed", { cause: refused }),
    code: "ECONNREFUSED",
    reason: refused.message,
  },
  {
    what: "an error of fetch for a name with several addresses",
    thrown: new TypeError("fetch failed", { cause: ofManyAddresses }),
    code: "ECONNREFUSED",
    reason: refused.message,
  },
  {
    what: "an error whose cause is not an error",
    thrown: new TypeError("fetch failed", { cause: "odd" }),
    code: "",
    reason: "fetch failed",
  },
  {
    what: "a time-out, whose code is a number and whose cause is missing",
    thrown: new DOMException("The operation was aborted due to timeout", "TimeoutError"),
    code: "",
    reason: "The operation was aborted due to timeout",
  },
  { what: "an error that causes itself", thrown: circular, code: "", reason: "round and round" },
  { what: "an error with an endless chain of causes", thrown: endless, code: "", reason: "deep" },
])("$what has a code and a reason", ({ thrown, code, reason }) => {
  expect({ code: codeOf(thrown), reason: reasonOf(thrown) }).toEqual({ code, reason });
});

describe("a time-out", () => {
  it("of fetch is recognised, for the response's headers and for its body", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (asked) => {
        if (`${asked}`.includes("/body")) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    for (const path of ["head", "body"]) {
      const error = await fetch(`http://127.0.0.1:${port}/${path}`, { signal: AbortSignal.timeout(200) })
        .then((answer) => answer.text())
        .catch((caught: unknown) => caught);
      expect({ path, is: isTimeout(error) }).toEqual({ path, is: true });
    }
    server.close();
  });

  it("is not confused with a refused connection or an abort by a person", () => {
    expect(isTimeout(new TypeError("fetch failed", { cause: refused }))).toBe(false);
    expect(isTimeout(new DOMException("This operation was aborted", "AbortError"))).toBe(false);
  });
});

it("a file's fault is the system's code, and explains a full disk", () => {
  expect(fileFault(Object.assign(new Error("x"), { code: "EACCES" }))).toBe("EACCES");
  expect(fileFault(Object.assign(new Error("x"), { code: "ENOSPC" }))).toBe("ENOSPC: no space left on the disk");
  expect(fileFault("odd")).toBe("odd");
});
