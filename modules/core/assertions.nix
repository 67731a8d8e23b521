# Checks that types cannot make. Each message names the option, the fault and the right value.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  optionOf = name: "services.lectern.stages.${name}";
  sinceOf = import ../../generated/since.nix;
  secretsOf = import ./lib/find-secrets.nix { inherit lib; };

  isStageName = name: builtins.match "[a-z][a-z0-9-]{0,19}" name != null;

  inherit (import ./lib/host-names.nix { inherit lib; }) isHostName isPlaceholder;

  networks =
    name:
    {
      admin,
      ingest,
      viewers,
      ...
    }:
    let
      inherit (import ./lib/networks.nix { inherit lib; }) faultOf;
      check =
        option: networks:
        map (network: {
          assertion = false;
          message = "${optionOf name}.${option} has ${builtins.toJSON network}: ${faultOf network}.";
        }) (lib.filter (network: faultOf network != null) networks);
    in
    check "admin.allow" admin.allow
    ++ check "ingest.allow" ingest.allow
    ++ check "viewers.allow" viewers.allow;

  # Paths that stand in units and in the Caddyfile without quotes.
  inherit (import ./lib/unit-words.nix { inherit lib; }) isPlainPath isVersion isUnitName;
  plainPath = option: path: {
    assertion = isPlainPath path;
    message = "${option} is ${builtins.toJSON path}: give an absolute path of letters, digits and . _ + @ = , : ~ -, without blanks and without \"..\", such as /run/secrets/stream-key.";
  };
  paths =
    name:
    {
      secrets,
      tls,
      viewers,
      ...
    }:
    lib.mapAttrsToList (
      secret: { file, ... }: plainPath "${optionOf name}.secrets.${secret}.file" file
    ) secrets
    ++ lib.optionals (lib.isAttrs tls) [
      (plainPath "${optionOf name}.tls.certificate" tls.certificate)
      (plainPath "${optionOf name}.tls.key" tls.key)
    ]
    ++ lib.optional (viewers.password.file != null) (
      plainPath "${optionOf name}.viewers.password.file" viewers.password.file
    );

  program =
    option: package:
    let
      path = lib.removePrefix "${lib.getBin package}/bin" (lib.getExe package);
    in
    {
      assertion = isPlainPath path;
      message = "${option} has the program ${builtins.toJSON (lib.removePrefix "/" path)}: give a package whose meta.mainProgram is one word, such as owncast.";
    };
  packages =
    name:
    { package, ... }:
    [
      (program "${optionOf name}.package" package)
      {
        assertion = isVersion (package.version or "");
        message = "${optionOf name}.package has the version ${
          builtins.toJSON (package.version or "")
        }, by which bootstrap tells an upgrade: give a package whose version is one word, such as 0.3.0.";
      }
    ];

  ofHost = [
    (program "services.lectern.package" cfg.package)
  ]
  ++ map (unit: {
    assertion = isUnitName unit;
    message = "services.lectern.onFailure has ${builtins.toJSON unit}: give unit names with their type, such as tell-the-team@%n.service.";
  }) cfg.onFailure;

  # The files that settings name. The seed has their hashes, the folder of assets their bytes.
  namedFiles =
    { appearance, chat, ... }:
    let
      ofSetting =
        path: value:
        lib.optional (value != null) {
          inherit path;
          inherit (value) file;
        };
    in
    ofSetting "appearance.logo" appearance.logo
    ++ ofSetting "appearance.favicon" appearance.favicon
    ++ lib.concatMap (ofSetting "chat.emoji") (lib.optionals (chat.emoji != null) chat.emoji.list);

  missingFile =
    name: assets:
    { path, file }:
    {
      assertion = assets != null && lib.pathExists (assets + "/${file}");
      message = "${optionOf name}.settings.${path} names ${file}, which is not in ${optionOf name}.assets: give the folder that holds it, such as ./generated/seeds/live/main.";
    };

  # Settings that the package does not know yet: Owncast would refuse them at each start.
  newerThan =
    name:
    { package, settings, ... }:
    lib.mapAttrsToList (path: since: {
      assertion =
        lib.attrByPath (lib.splitString "." path) null settings == null
        || lib.versionAtLeast package.version since;
      message = "${optionOf name}.settings.${path} needs Owncast ${since}, and ${optionOf name}.package is ${package.version}: leave the setting out (null), or take a newer package.";
    }) sinceOf;

  # Each secret needs a file, and each file a secret.
  secretsOfStage =
    name:
    { mergedSeed, secrets, ... }:
    let
      names = secretsOf mergedSeed;
    in
    map (secret: {
      assertion = lib.elem secret names.generatable || secrets ? ${secret};
      message = "${optionOf name}.secrets.${secret}.file is not set: another service gives out this secret, so name its file on the host, such as /run/secrets/${secret}.";
    }) names.all
    ++ map (secret: {
      assertion = lib.elem secret names.all;
      message = "${optionOf name}.secrets.${secret} is a secret that no setting names: the settings name ${lib.concatStringsSep ", " names.all}.";
    }) (lib.attrNames secrets);

  perStage =
    name:
    stage@{
      domain,
      aliases,
      settings,
      assets,
      ...
    }:
    [
      {
        assertion = isStageName name;
        message = "${optionOf name}: a stage's name is a lower-case letter and up to 19 more letters, digits and dashes, because its user is lectern-<stage>.";
      }
      {
        assertion = name != "stages";
        message = "${optionOf name}: /etc/lectern/stages.json is the list of all stages: give this one another name.";
      }
      {
        assertion = isHostName domain;
        message = "${optionOf name}.domain is \"${domain}\": give a host name alone, in lower case, such as live.nixos.org.";
      }
      {
        assertion = !isPlaceholder domain;
        message = "${optionOf name}.domain is \"${domain}\", which is a placeholder: give the host name whose DNS record points to this machine.";
      }
      {
        assertion = settings.access.adminPassword != null;
        message = "${optionOf name}.settings.access.adminPassword is not set, and Owncast's own is public: name a secret, such as { secret = \"admin-password\"; }.";
      }
      {
        assertion = settings.access.streamKeys != null;
        message = "${optionOf name}.settings.access.streamKeys is not set, and Owncast's own is public: name a secret, such as [ { secret = \"stream-key\"; } ].";
      }
    ]
    ++ map (alias: {
      assertion = isHostName alias;
      message = "${optionOf name}.aliases has \"${alias}\": give host names alone, in lower case, such as www.nixos.org.";
    }) aliases
    ++ networks name stage
    ++ paths name stage
    ++ packages name stage
    ++ newerThan name stage
    ++ secretsOfStage name stage
    ++ map (missingFile name assets) (namedFiles settings);

  # Each host name with the options that use it.
  claims = lib.concatLists (
    lib.mapAttrsToList (
      name:
      { domain, aliases, ... }:
      [
        {
          host = domain;
          option = "${optionOf name}.domain";
        }
      ]
      ++ map (host: {
        inherit host;
        option = "${optionOf name}.aliases";
      }) aliases
    ) cfg.stages
  );
  sharedDomains = lib.filterAttrs (_: options: lib.length options > 1) (
    lib.mapAttrs (_: map ({ option, ... }: option)) (lib.groupBy ({ host, ... }: host) claims)
  );
in
{
  config.assertions = lib.mkIf cfg.enable (
    ofHost
    ++ lib.concatLists (lib.mapAttrsToList perStage cfg.stages)
    ++ lib.mapAttrsToList (domain: options: {
      assertion = false;
      message = "${lib.concatStringsSep " and " options} share \"${domain}\": give each stage a host name of its own.";
    }) sharedDomains
  );
}
