# Proves: each secret is a file on the host that units load as a credential. Its path is only where it must be, and the host's
# configuration names no path in the store of the evaluating machine.
{
  lib,
  host,
  files,
  build,
  ...
}:
let
  given.secrets.stream-key.file = "/run/secrets/SENTINEL";
  stages = stage: (builtins.fromJSON (files [ stage ])."etc/lectern/stages.json").main;
  loads = stage: unit: (host [ stage ]).systemd.services.${unit}.serviceConfig.LoadCredential or null;
  hook = url: {
    settings.integrations.webhooks.list = [
      {
        inherit url;
        events = [ "stream-started" ];
      }
    ];
  };
  both.secrets = {
    admin-password.file = "/run/secrets/admin";
    stream-key.file = "/run/secrets/key";
  };
in
{
  "a secret without a file is made on the host" = {
    expr = (stages { }).secrets;
    expected = {
      admin-password = {
        file = "/var/lib/lectern-secrets/main/admin-password";
        generated = true;
      };
      stream-key = {
        file = "/var/lib/lectern-secrets/main/stream-key";
        generated = true;
      };
    };
  };

  "a secret with a file is read from that file" = {
    expr = (stages given).secrets.stream-key;
    expected = {
      file = "/run/secrets/SENTINEL";
      generated = false;
    };
  };

  "a webhook's address may be a secret, and then needs a file" = {
    expr = {
      loaded = loads (
        hook { secret = "webhook"; } // { secrets.webhook.file = "/run/secrets/SENTINEL"; }
      ) "lectern-main-config";
      asText = loads (hook "https://automation.example.org/stage") "lectern-main-config";
    };
    expected = {
      loaded = [
        "admin-password:/var/lib/lectern-secrets/main/admin-password"
        "stream-key:/var/lib/lectern-secrets/main/stream-key"
        "webhook:/run/secrets/SENTINEL"
      ];
      asText = [
        "admin-password:/var/lib/lectern-secrets/main/admin-password"
        "stream-key:/var/lib/lectern-secrets/main/stream-key"
      ];
    };
  };

  "a webhook's secret without a file is refused" = {
    expr = build (host [ (hook { secret = "webhook"; }) ]);
    expectedError = "services.lectern.stages.main.secrets.webhook.file is not set";
  };

  "a webhook's address that is neither a text nor a secret is refused" = {
    expr = build (host [ (hook 5) ]);
    expectedError = "settings.integrations.webhooks.list";
  };

  "bootstrap and config load every secret, and the server loads none" = {
    expr = map (loads given) [
      "lectern-main-bootstrap"
      "lectern-main-config"
      "owncast-main"
    ];
    expected = [
      [
        "admin-password:/var/lib/lectern-secrets/main/admin-password"
        "stream-key:/run/secrets/SENTINEL"
      ]
      [
        "admin-password:/var/lib/lectern-secrets/main/admin-password"
        "stream-key:/run/secrets/SENTINEL"
      ]
      null
    ];
  };

  "the unit for the gate's keys loads only the stream keys, and the gate itself loads none" = {
    expr = map (loads given) [
      "lectern-main-gate-keys"
      "lectern-main-gate"
    ];
    expected = [
      [ "stream-key:/run/secrets/SENTINEL" ]
      null
    ];
  };

  "no unit makes secrets if all have files" = {
    expr = {
      unit = (host [ both ]).systemd.services ? lectern-main-secrets;
      inherit ((host [ both ]).systemd.services.lectern-main-bootstrap) requires;
      listed = (stages both).units ? secrets;
    };
    expected = {
      unit = false;
      requires = [ ];
      listed = false;
    };
  };

  "only the units that load a secret and the list of stages contain its path" = {
    expr =
      let
        all = files [ given ];
        elsewhere =
          _: text:
          lib.hasInfix "SENTINEL" (
            lib.concatMapStrings (line: lib.optionalString (!lib.hasPrefix "LoadCredential=" line) line) (
              lib.splitString "\n" text
            )
          );
      in
      lib.attrNames (lib.filterAttrs elsewhere all);
    expected = [ "etc/lectern/stages.json" ];
  };

  "a file in the store is refused" = {
    expr = build (host [
      { secrets.stream-key.file = "/nix/store/00000000000000000000000000000000-key"; }
    ]);
    expectedError = "services.lectern.stages.main.secrets.stream-key.file";
  };

  "a Nix path is refused, because it would be copied to the store" = {
    expr = build (host [ { secrets.stream-key.file = ./lib/seed.json; } ]);
    expectedError = "services.lectern.stages.main.secrets.stream-key.file";
  };

  "no text of a host refers to the store" = {
    expr = lib.attrNames (
      lib.filterAttrs (_: builtins.hasContext) (files [
        given
        { tls = "internal"; }
      ])
    );
    expected = [ ];
  };
}
