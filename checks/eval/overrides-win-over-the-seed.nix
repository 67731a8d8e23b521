# Proves: Nix settings override the seed, leaf by leaf. A list is replaced, never joined.
{
  lib,
  seed,
  merged,
  host,
  build,
  ...
}:
let
  settings = value: { settings = value; };
  onlyHd = [ (lib.last seed.video.ladder) ];
in
{
  "without overrides the seed is applied unchanged" = {
    expr = merged [ ];
    expected = seed;
  };

  "an overridden scalar keeps the rest of the seed" = {
    expr = merged [ (settings { video.latency = "high"; }) ];
    expected = lib.recursiveUpdate seed { video.latency = "high"; };
  };

  "an overridden list replaces the seed's as a whole" = {
    expr = merged [ (settings { instance.tags = [ "talk" ]; }) ];
    expected = lib.recursiveUpdate seed { instance.tags = [ "talk" ]; };
  };

  "an overridden list of objects replaces the seed's as a whole" = {
    expr = merged [ (settings { video.ladder = onlyHd; }) ];
    expected = lib.recursiveUpdate seed { video.ladder = onlyHd; };
  };

  "an empty list clears the seed's" = {
    expr = merged [ (settings { instance.tags = [ ]; }) ];
    expected = lib.recursiveUpdate seed { instance.tags = [ ]; };
  };

  "a leaf deep in an object can be overridden" = {
    expr = merged [ (settings { access.adminPassword.secret = "other"; }) ];
    expected = lib.recursiveUpdate seed { access.adminPassword.secret = "other"; };
  };

  "a setting that the seed does not name is added to it" = {
    expr = merged [ (settings { chat.enabled = false; }) ];
    expected = seed // {
      chat.enabled = false;
    };
  };

  "overrides from several modules add up" = {
    expr = merged [
      (settings { instance.name = "Talks"; })
      (settings { video.latency = "high"; })
    ];
    expected = lib.recursiveUpdate seed {
      instance.name = "Talks";
      video.latency = "high";
    };
  };

  "null makes a setting of the seed unmanaged" = {
    expr = merged [ (settings { instance.summary = null; }) ];
    expected = seed // {
      instance = lib.removeAttrs seed.instance [ "summary" ];
    };
  };

  "the public address comes from the domain, and any other value overrides it" = {
    expr =
      map (settings: (host [ { inherit settings; } ]).services.lectern.stages.main.mergedSeed.serverUrl)
        [
          { }
          { serverUrl = lib.mkDefault "https://stage.test"; }
        ];
    expected = [
      "https://live.test"
      "https://stage.test"
    ];
  };

  "two lists of the same priority are refused, not joined" = {
    expr = build (host [
      (settings { instance.tags = [ "one" ]; })
      (settings { instance.tags = [ "two" ]; })
    ]);
    expectedError = "services.lectern.stages.main.settings.instance.tags";
  };

  "a list with the seed's own priority is refused, not joined" = {
    expr = build (host [ (settings { video.ladder = lib.mkDefault onlyHd; }) ]);
    expectedError = "services.lectern.stages.main.settings.video.ladder";
  };

  "a stage without a seed has only the settings of Nix" = {
    expr = merged [
      { seed = null; }
      (settings { inherit (seed) access; })
    ];
    expected = {
      inherit (seed) access;
    };
  };
}
