import { expect, it } from "vitest";
import { endingSignals } from "../../src/lib/signals.ts";
import { endingSignals as ofTools } from "../../tools/process/endings.mjs";

it("the set-up and `lectern` end by the same signals", () => expect(ofTools).toEqual(endingSignals));
