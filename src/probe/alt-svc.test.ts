import { expect, it } from "vitest";
import { http3Offer } from "./alt-svc.ts";

it.each([
  ["nothing", undefined, undefined],
  ["an empty one", "", undefined],
  ["what makes browsers forget", "clear", undefined],
  ["another protocol alone", 'h2=":443"; ma=60', undefined],
  ["a protocol whose name ends so", 'xh3=":443"', undefined],
  ["Caddy's", 'h3=":443"; ma=2592000', 'h3=":443"'],
  ["a draft's", 'h3-29=":443"; ma=2592000', 'h3-29=":443"'],
  ["one among others", 'h2="alt.example:443"; ma=60,h3="alt.example:8443"; persist=1', 'h3="alt.example:8443"'],
  ["one of an IPv6 address", 'h3="[2001:db8::1]:443"', 'h3="[2001:db8::1]:443"'],
  ["one that a terminal would not show as it is", 'h3="\u009b2J:443"', undefined],
  ["one that is longer than any name", `h3="${"a".repeat(10_000)}:443"`, undefined],
])("reads %s", (_, altSvc, offer) => expect(http3Offer(altSvc)).toBe(offer));
