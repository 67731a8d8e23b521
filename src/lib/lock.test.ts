import { describe, expect, it } from "vitest";
import { lockName } from "./lock.ts";

describe("a server's lock", () => {
  it.each([
    ["http://127.0.0.1:8080", "127.0.0.1-8080"],
    ["http://localhost:8080/", "127.0.0.1-8080"],
    ["http://LOCALHOST:8080", "127.0.0.1-8080"],
    ["http://[::1]:8080", "127.0.0.1-8080"],
    ["http://[0:0::1]:8080", "127.0.0.1-8080"],
    ["http://127.0.0.2:8080", "127.0.0.2-8080"],
    ["http://live.example.org", "live.example.org-80"],
    ["https://Live.Example.org", "live.example.org-443"],
    ["http://[2001:db8::1]:8080", "2001_db8__1-8080"],
  ])("of %s is called %s", (url, name) => expect(lockName(url)).toBe(name));
});
