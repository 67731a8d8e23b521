# Who may rehearse: a program that shows the stage's token, and only if `settings.rehearsal.enable` is true.
{ config, lib, ... }:
let
  inherit (import ../../core/lib/stage-option.nix { inherit lib; }) onStages;
  cfg = config.services.lectern;
  doorUnit = import ../../core/lib/door-unit.nix { inherit config lib; };
  # `find-secrets.nix` adds it to the stage's secrets.
  secret = "rehearsal-token";

  isAllowed = { settings, ... }: settings.rehearsal.enable == true;

  stage =
    { config, ... }:
    {
      config = {
        rehearsalRule = caddyRuleOf config;
        nginxValues.rehearsalAnswer = nginxAnswerOf config;
      };
    };

  unknown = "\"This stage allows rehearsals, but its server does not know the token.\"";
  refused = "\"This stage allows no rehearsal: its stage file does not say rehearsal.enable: true.\"";

  caddyRuleOf =
    stage:
    lib.replaceStrings
      [ "@rehearsalAnswer@" ]
      [
        (
          if isAllowed stage then
            ''
              			import ${stage.names.rehearsalDir}/*.caddyfile
              			respond ${unknown} 503
            ''
          else
            ''
              			respond ${refused} 404
            ''
        )
      ]
      (lib.readFile ../../../generated/site/rehearsal.caddyfile);

  nginxAnswerOf =
    stage:
    if isAllowed stage then
      "include ${stage.names.rehearsalDir}/*.nginx; return 503 ${unknown};"
    else
      "return 404 ${refused};";

  unit =
    name: stage:
    let
      inherit (stage.names) units rehearsalDir;
      inherit (stage.secretFiles.${secret}) file generated;
    in
    lib.nameValuePair units.rehearsal (doorUnit {
      description = "Rehearsal token of the stage ${name}";
      inherit units secret file;
      command = "rehearsal-door --token-file";
      folder = rehearsalDir;
      # After the last rehearsal nothing of the token stays there.
      preserve = "restart";
      makers = lib.optional generated "${units.secrets}.service";
    });
in
{
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' unit (lib.filterAttrs (_: isAllowed) cfg.stages);
  };
}
