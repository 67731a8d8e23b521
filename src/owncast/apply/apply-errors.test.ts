import { expect, it } from "vitest";
import type { ResourceStep } from "../resources/kind.ts";
import { stepLeft } from "./apply-errors.ts";

const answer = { status: 400, message: "no such address: https://hooks.example/hidden" };
const step: ResourceStep = {
  path: "integrations.webhooks",
  action: "create",
  name: "(secret webhook)",
  write: async () => answer,
};

it("repeats Owncast's words about a thing that it did not take", () => {
  expect(stepLeft({ step, answer })).toBe(
    "integrations.webhooks (secret webhook) (the server answered 400: no such address: https://hooks.example/hidden)",
  );
});

it("does not, if a secret went into what it was sent", () => {
  expect(stepLeft({ step: { ...step, secret: true }, answer })).toBe(
    "integrations.webhooks (secret webhook) (the server answered 400)",
  );
});
