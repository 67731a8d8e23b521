import { expect, it } from "vitest";
import type { Seed } from "../../../generated/seed.d.ts";
import { withoutSecrets, withoutSetting, withSetting } from "./without-secrets.ts";

const access: Seed["access"] = { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "stream-key" }] };
const discord = { enabled: true, webhook: { secret: "discord-webhook" }, goLiveMessage: "Live!" };
const objectStorage = {
  ...{ enabled: true, endpoint: "https://s3.example.com", bucket: "lectures", region: "eu" },
  ...{ accessKey: { secret: "s3-access-key" }, secretKey: { secret: "s3-secret-key" } },
};
const seed: Seed = {
  instance: { name: "Stage" },
  notifications: { discord },
  storage: { objectStorage, servingEndpoint: "https://cdn.example.com" },
  access,
};

it("leaves out settings that name one of the secrets, lists them, and keeps the rest unchanged", () => {
  expect(withoutSecrets(seed, ["discord-webhook", "s3-access-key", "s3-secret-key"])).toEqual({
    seed: { instance: { name: "Stage" }, storage: { servingEndpoint: "https://cdn.example.com" }, access },
    leftOut: [
      { path: "notifications.discord", secrets: ["discord-webhook"] },
      { path: "storage.objectStorage", secrets: ["s3-access-key", "s3-secret-key"] },
    ],
  });
});

it("leaves out entries of a list that name one of the secrets, and keeps the list", () => {
  const streamKeys = [{ secret: "stream-key" }, { secret: "other", comment: "spare" }];
  expect(withoutSecrets({ access: { ...access, streamKeys } }, ["other"])).toEqual({
    seed: { access },
    leftOut: [{ path: "access.streamKeys", secrets: ["other"] }],
  });
});

it("changes nothing if the seed names none of the secrets", () => {
  expect(withoutSecrets(seed, [])).toEqual({ seed, leftOut: [] });
  expect(withoutSecrets({ access }, ["discord-webhook"])).toEqual({ seed: { access }, leftOut: [] });
});

it("removes an object that is empty after its setting was removed", () => {
  expect(withoutSetting({ notifications: { discord }, access }, "notifications.discord")).toEqual({ access });
  expect(withSetting({ access }, "video.latency", "low")).toEqual({ video: { latency: "low" }, access });
});
