import { describe, expect, it } from "vitest";
import { isSecretWebhook, mayHoldSecret } from "./webhook-address.ts";

describe("an address that may hold a password or a token", () => {
  it.each([
    "https://user:password@hooks.example/",
    "https://token@hooks.example/stage",
    "https://hooks.example/stage?token=abc",
    "https://hooks.example/?a=b&api_key=abc",
    "https://prod.example/workflows/1?sp=run&sig=abc",
    "https://functions.example/api/stage?code=abc",
    "https://hooks.example/#access_token=abc",
  ])("%s", (address) =>
    expect({ any: mayHoldSecret(address), webhook: isSecretWebhook(address) }).toEqual({ any: true, webhook: true }),
  );

  it.each([
    ["Discord", "https://discord.com/api/webhooks/1098765432101234567/aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5z"],
    ["Slack", "https://hooks.slack.example/services/T0A1B2C3D/B4E5F6G7H/a1B2c3D4e5F6g7H8i9J0k1L2"],
    ["Telegram", "https://api.telegram.org/bot123456789:AAE1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1v/sendMessage"],
    ["a UUID", "https://automation.example.org/webhook/550e8400-e29b-41d4-a716-446655440000"],
  ])("is a webhook's address with a random path, such as that of %s", (_, address) => {
    expect({ any: mayHoldSecret(address), webhook: isSecretWebhook(address) }).toEqual({ any: false, webhook: true });
  });

  it.each([
    "https://automation.example.org/stage",
    "https://hooks.example/lecture-series-2026-winter-term/stream-started",
    "https://192.168.178.20:8123/api/events/stage_2",
    "https://a1b2c3d4e5f6g7h8i9.example/stage",
    "https://chaos.social/@nixos_org",
    "https://hooks.example/?stage=main&page=2",
    "text with https://user:password@hooks.example/ in it",
  ])("is not %s", (address) => expect(isSecretWebhook(address)).toBe(false));
});
