# A host's evaluation as files, by their paths below checks/golden/<host>/.
{ lib }:
{
  config,
  extendModules,
  _module,
  ...
}:
let
  inherit (_module.args) pkgs;
  unitText = import ./unit-text.nix { inherit lib pkgs; };
  caddyfile = import ./caddyfile.nix { inherit lib; };
  nginxConf = import ./nginx-conf.nix { inherit lib pkgs; };
  lines = lib.concatMapStrings (line: "${line}\n");

  isOurs = name: lib.hasPrefix "lectern-" name || lib.hasPrefix "owncast-" name;
  ours = lib.filterAttrs (name: _: isOurs name) config.systemd.services;
  units = lib.mapAttrs' (
    name: service: lib.nameValuePair "units/${name}.service" (unitText.service name service)
  ) ours;

  sockets = lib.mapAttrs' (
    name: socket: lib.nameValuePair "units/${name}.socket" (unitText.socket socket)
  ) (lib.filterAttrs (name: _: isOurs name) config.systemd.sockets);

  # Only Lectern's part of the web server's unit, the limit of its starts, and the program: by it, a switch notices another package.
  dropIn =
    service: command:
    unitText.dropIn (
      service
      // {
        serviceConfig = service.serviceConfig // {
          ExecStart = [
            ""
            command
          ];
        };
      }
    );
  inherit (config.services) caddy nginx;
  inherit (config.systemd) services;
  withoutLectern =
    (extendModules { modules = [ { services.lectern.enable = lib.mkForce false; } ]; })
    .config.services.nginx;
  front = {
    caddy = {
      "units/caddy.service.d/overrides.conf" =
        dropIn services.caddy "${lib.getExe caddy.package} run --config /etc/caddy/caddy_config --adapter caddyfile";
      "Caddyfile" = caddyfile caddy;
    };
    nginx = {
      "units/nginx.service.d/overrides.conf" =
        dropIn services.nginx "${lib.getExe nginx.package} -c '/etc/nginx/nginx.conf'";
      "nginx.conf" = (nginxConf nginx).conf;
    }
    # For a host with other sites, so that a test can compare them.
    // lib.optionalAttrs withoutLectern.enable {
      "nginx-without-lectern.conf" = (nginxConf withoutLectern).conf;
    };
  };

  # In sysusers.d's format, so that another machine can make them.
  stageUsers = lib.filterAttrs (
    name: _:
    lib.any (prefix: lib.hasPrefix prefix name) [
      "captions-"
      "gate-"
      "lectern-"
      "speech-"
      "steer-"
    ]
  ) config.users.users;
  sysusers = lines (
    lib.concatLists (
      lib.mapAttrsToList (name: user: [
        "g ${user.group} -"
        "u ${name} -:${user.group} ${builtins.toJSON user.description} ${user.home}"
      ]) stageUsers
    )
  );

  # For both of nixpkgs' own firewalls: a host chooses one, and Lectern's rules differ.
  networkingWith =
    backend:
    (extendModules { modules = [ { networking.nftables.enable = backend == "nftables"; } ]; })
    .config.networking;
  firewall = lib.genAttrs [ "iptables" "nftables" ] (
    backend:
    let
      inherit (networkingWith backend) firewall nftables;
    in
    {
      inherit (firewall) allowedTCPPorts allowedUDPPorts;
    }
    // (
      if backend == "iptables" then
        { inherit (firewall) extraCommands; }
      else
        {
          inherit (firewall) extraInputRules;
          inherit (nftables) preCheckRuleset tables;
        }
    )
  );

  json = value: builtins.toJSON value + "\n";
in
units
// sockets
// {
  "tmpfiles.conf" = lines config.systemd.tmpfiles.rules;
  "sysusers.conf" = sysusers;
  "firewall.json" = json firewall;
}
# An edge has no stages.
// lib.optionalAttrs (config.environment.etc ? "lectern/stages.json") {
  "etc/lectern/stages.json" = config.environment.etc."lectern/stages.json".text;
}
// front.${config.services.lectern.front}
// lib.mapAttrs' (path: { text, ... }: lib.nameValuePair "etc/${path}" text) (
  lib.filterAttrs (path: _: lib.hasPrefix "lectern/edges/" path) config.environment.etc
)
// lib.mapAttrs' (
  name: stage: lib.nameValuePair "etc/lectern/${name}.json" (builtins.toJSON stage.mergedSeed)
) config.services.lectern.stages
