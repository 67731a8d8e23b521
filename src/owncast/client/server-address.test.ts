import { describe, expect, it } from "vitest";
import { ensureServerAddress } from "./client.ts";

describe("the server's address", () => {
  it.each(["http://127.0.0.1:8080", "http://[::1]:8080/", "https://live.example.org"])("may be %s", (url) =>
    expect(() => ensureServerAddress(url)).not.toThrow(),
  );

  it.each([
    "live.example.org",
    "rtmp://127.0.0.1/live",
    "http://127.0.0.1:8080/admin",
    "http://127.0.0.1:8080/?a=b",
    "http://127.0.0.1:8080/#a",
  ])("is not %s", (url) => expect(() => ensureServerAddress(url)).toThrow(/expected an address/));

  it.each([
    "http://admin:hunter2@127.0.0.1:8080",
    "http://hunter2@127.0.0.1",
    "ftp://admin:hunter2@127.0.0.1",
    "admin:hunter2@x",
  ])("holds no password, and one that it holds is not said again: %s", (url) => {
    const attempt = () => ensureServerAddress(url);
    expect(attempt).toThrow(expect.objectContaining({ exitCode: 64 }));
    expect(attempt).not.toThrow(/hunter2/);
  });
});
