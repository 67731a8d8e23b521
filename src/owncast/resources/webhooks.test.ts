import { expect, it } from "vitest";
import { labelOf } from "./webhooks.ts";

it.each([
  ["its address", "https://automation.example.org/stage", "https://automation.example.org/stage"],
  ["its secret's name, if its address is a secret", { secret: "webhook" }, "(secret webhook)"],
  [
    "its site, if its address should be a secret",
    "https://hooks.example/?token=hidden",
    "https://hooks.example/… (entry 3)",
  ],
])("a webhook is shown by %s", (_, url, label) => expect(labelOf(url, 2)).toBe(label));
