# What types cannot say. Each message begins with the option at fault and ends with what to write instead.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  optionOf = name: "services.lectern.stages.${name}";

  isStageName = name: builtins.match "[a-z][a-z0-9-]{0,19}" name != null;

  isHostName =
    domain:
    let
      label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    in
    lib.stringLength domain <= 253 && builtins.match "${label}(\\.${label})*" domain != null;

  # The names that RFC 2606 keeps for documentation: nobody can point one at a server.
  isPlaceholder =
    domain: builtins.match "(.*\\.)?(example|invalid|example\\.(com|net|org))" domain != null;

  # Files that the settings name, by the setting: the seed holds their hashes, the folder of assets their bytes.
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

  perStage =
    name:
    {
      domain,
      settings,
      assets,
      ...
    }:
    [
      {
        assertion = isStageName name;
        message = "${optionOf name}: the name of a stage is a lower-case letter and up to 19 more letters, digits and dashes, for its user is lectern-<stage>.";
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
    ++ map (missingFile name assets) (namedFiles settings);

  sharedDomains = lib.filterAttrs (_: names: lib.length names > 1) (
    lib.groupBy (name: cfg.stages.${name}.domain) (lib.attrNames cfg.stages)
  );
in
{
  config.assertions = lib.mkIf cfg.enable (
    lib.concatLists (lib.mapAttrsToList perStage cfg.stages)
    ++ lib.mapAttrsToList (domain: names: {
      assertion = false;
      message = "${
        lib.concatMapStringsSep " and " (name: "${optionOf name}.domain") names
      } share \"${domain}\": give each stage a host name of its own.";
    }) sharedDomains
  );
}
