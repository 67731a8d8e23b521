import { describe, expect, it } from "vitest";
import { trackName } from "./track-name.ts";

describe("a track's name", () => {
  it.each([
    ["en", true, "English (automatic)"],
    ["fr", true, "Français (automatique)"],
    ["es", "translation", "Español (traducción automática)"],
    ["de", false, "Deutsch"],
    ["it", true, "Italiano (automatico)"],
    ["pt-BR", true, "Português (Brasil) (automático)"],
    ["nl", true, "Nederlands (automatisch)"],
    ["ar", true, "العربية (تلقائي)"],
    ["he", true, "עברית (אוטומטי)"],
    ["ja", true, "日本語 (自動)"],
    ["ko", true, "한국어 (자동)"],
    ["zh", true, "中文 (自动)"],
    ["zh-TW", true, expect.stringMatching(/ \(自動\)$/)],
    ["ru", true, "Русский (автоматически)"],
    ["uk", true, "Українська (автоматично)"],
    ["pl", true, "Polski (automatyczne)"],
    ["tr", true, "Türkçe (otomatik)"],
    ["ka", true, "ქართული (automatic)"],
    ["xx", true, "xx (automatic)"],
  ] as const)("of %s, %s", (language, automatic, name) => expect(trackName({ language, automatic })).toEqual(name));

  it("is the declared one, with a label if it is automatic", () => {
    expect(trackName({ language: "fr", name: "Salle 2", automatic: true })).toBe("Salle 2 (automatique)");
    expect(trackName({ language: "fr", name: "Salle 2", automatic: false })).toBe("Salle 2");
  });

  it.each(['a"b', "a\nb", "a\0b", "\u202Eab", "\uD800", " ", "x".repeat(500), "👩‍👩‍👧‍👦".repeat(60)])(
    "cannot break a playlist: %j",
    (name) => {
      for (const language of ["tr", "en", "x-hostile", "", "a_b"]) {
        const shown = trackName({ language, name, automatic: "translation" });
        expect(shown).toMatch(/^[^"\p{Cc}\p{Cs}]{1,100}$/u);
      }
    },
  );
});
