import { expect, it } from "vitest";
import { labelOf } from "./webhooks.ts";

it.each([
  ["its address", "https://automation.example.org/stage", "https://automation.example.org/stage"],
  ["its secret's name, if it is one", { secret: "webhook" }, "(secret webhook)"],
  ["its site, if it should be one", "https://hooks.example/?token=hidden", "https://hooks.example/… (entry 3)"],
])("a webhook is told by %s", (_, url, label) => expect(labelOf(url, 2)).toBe(label));
