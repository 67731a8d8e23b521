# Who may watch: everybody, or on a private stage some networks and everybody with the password.
{ config, lib, ... }:
let
  inherit (import ../../core/lib/stage-option.nix { inherit lib; }) internal onStages;
  cfg = config.services.lectern;
  inherit (import ../../core/lib/networks.nix { inherit lib; }) caddyText nginxText;
  doorUnit = import ../../core/lib/door-unit.nix { inherit config lib; };
  everywhere = [
    "0.0.0.0/0"
    "::/0"
  ];

  stage =
    { config, ... }:
    {
      options = {
        viewers.allow = lib.mkOption {
          type = lib.types.listOf lib.types.str;
          default = if config.viewers.password.file == null then everywhere else [ ];
          defaultText = lib.literalMD "everywhere; with {option}`viewers.password.file` none";
          example = [
            "192.0.2.0/24"
            "2001:db8::/32"
          ];
          description = ''
            Networks that may watch without a password. For all others page, video, chat, API and embeds are closed, or need the password
            of {option}`viewers.password.file`. Networks of {option}`admin.allow` may watch, too.
          '';
        };
        viewers.password.file = lib.mkOption {
          type = lib.types.nullOr lib.types.externalPath;
          default = null;
          example = "/run/secrets/viewers-password";
          description = ''
            File on the host with the viewers' password on one line, 8 to 72 characters, for everybody outside of {option}`viewers.allow`.
            The user name is `viewer`. Null for no password. While the file is missing, the stage is closed.
          '';
        };
        isPrivate = internal "Whether anybody at all is kept from watching.";
      };
      config = {
        isPrivate = !lib.all (network: lib.elem network config.viewers.allow) everywhere;
        door = lib.mkIf config.isPrivate (doorOf config);
        nginxValues = lib.mkIf config.isPrivate (nginxValuesOf config);
      };
    };

  # The Caddyfile's part that keeps strangers out. If the unit below has written no file, no password is valid.
  doorOf =
    {
      viewers,
      admin,
      names,
      ...
    }:
    let
      hasPassword = viewers.password.file != null;
    in
    lib.replaceStrings
      [
        "@viewerNetworks@"
        "@door@\n"
        "@closedAnswer@"
      ]
      [
        (caddyText (viewers.allow ++ admin.allow))
        (lib.optionalString hasPassword "\timport ${names.viewersDir}/*.caddyfile\n")
        (
          if hasPassword then
            ''"This stage is closed: its server does not know the viewers' password." 503''
          else
            ''"This stage is private: only some networks may watch, and yours is not one of them." 403''
        )
      ]
      (lib.readFile ../../../generated/site/private.caddyfile);

  # The same for nginx.
  nginxValuesOf =
    {
      viewers,
      admin,
      names,
      ...
    }:
    let
      hasPassword = viewers.password.file != null;
    in
    {
      viewerNetworks = nginxText (viewers.allow ++ admin.allow);
      viewersDoor = lib.optionalString hasPassword "include ${names.viewersDir}/*.nginx;";
      closedStatus = if hasPassword then "closed" else "outside";
    };

  unit =
    name: stage:
    let
      inherit (stage.names) units viewersDir;
    in
    lib.nameValuePair units.viewers (doorUnit {
      description = "Viewers' password of the stage ${name}";
      inherit units;
      inherit (stage.viewers.password) file;
      command = "viewers-door --password-file";
      secret = "viewers-password";
      folder = viewersDir;
      # While this unit restarts or fails, viewers keep watching.
      preserve = true;
    });

  assertionsOf =
    name:
    { admin, settings, ... }:
    let
      option = "services.lectern.stages.${name}";
      refuse = isWrong: message: {
        assertion = !isWrong;
        message = "${option}.${message}";
      };
      closed = "services.lectern.stages.${name}.viewers closes the stage";
    in
    [
      (refuse (settings.federation.enabled == true)
        "settings.federation.enabled is true, and ${closed} to the servers that would follow it: set it to false, or open the stage."
      )
      (refuse (settings.instance.directory == true)
        "settings.instance.directory is true, and ${closed} to Owncast's public directory: set it to false, or open the stage."
      )
      (refuse (settings.storage.objectStorage.enabled or false)
        "settings.storage.objectStorage.enabled is true, and ${closed}, but not the object storage, where everybody may read the video: set it to false, or open the stage."
      )
      (refuse
        (
          !lib.elem settings.storage.servingEndpoint [
            null
            ""
          ]
        )
        "settings.storage.servingEndpoint sends viewers elsewhere for the video, and ${closed}, but not that server: leave it out, or open the stage."
      )
    ]
    ++ map (
      network:
      refuse true "admin.allow has \"${network}\", which is everywhere; its networks may watch, and ${closed}: name the networks that administer, or open the stage."
    ) (lib.filter (network: lib.elem network everywhere) admin.allow);

  # Beside a network that is everywhere, a password would close nothing for that family of addresses.
  vainPasswords =
    name:
    { viewers, ... }:
    map
      (network: {
        assertion = false;
        message = "services.lectern.stages.${name}.viewers.allow has \"${network}\", which is everywhere, so viewers.password.file would close nothing there: leave the network out, or leave the password out.";
      })
      (lib.filter (network: viewers.password.file != null && lib.elem network everywhere) viewers.allow);

  # A restarted Caddy would use an old password, or a configuration from when the stage was public.
  resumed = name: _: {
    assertion = cfg.front != "caddy" || !config.services.caddy.resume;
    message = "services.caddy.resume is true: Caddy would start with its saved configuration, in which services.lectern.stages.${name}.viewers may be missing or have an old password: leave it out, or open the stage.";
  };

  private = lib.filterAttrs (_: stage: stage.isPrivate) cfg.stages;
  withPassword = lib.filterAttrs (_: stage: stage.viewers.password.file != null) private;
in
{
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' unit withPassword;
    assertions =
      lib.concatLists (lib.mapAttrsToList assertionsOf private)
      ++ lib.concatLists (lib.mapAttrsToList vainPasswords cfg.stages)
      ++ lib.mapAttrsToList resumed private;
  };
}
