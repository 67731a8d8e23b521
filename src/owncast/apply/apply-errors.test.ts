import { expect, it } from "vitest";
import type { ResourceStep } from "../resources/kind.ts";
import { stepLeft } from "./apply-errors.ts";

const result = { status: 400, message: "no such address: https://hooks.example/hidden" };
const step: ResourceStep = {
  path: "integrations.webhooks",
  action: "create",
  name: "(secret webhook)",
  write: async () => result,
};

it("repeats Owncast's message about a resource that it refused", () => {
  expect(stepLeft({ step, result })).toBe(
    "integrations.webhooks (secret webhook) (the server answered 400: no such address: https://hooks.example/hidden)",
  );
});

it("leaves the message out if it may repeat a secret", () => {
  expect(stepLeft({ step: { ...step, secret: true }, result })).toBe(
    "integrations.webhooks (secret webhook) (the server answered 400)",
  );
});
