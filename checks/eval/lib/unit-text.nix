# Renders a `systemd.services.<name>` like NixOS: same sections, same lines, same order of keys.
# It leaves out the locale and the time zone, which NixOS puts into every unit's environment. It does not render scripts, as
# Lectern has none.
{ lib, pkgs }:
let
  inherit (lib) optionalAttrs optionalString;

  valueText = value: if lib.isBool value then lib.boolToString value else toString value;
  lines =
    attributes:
    lib.concatStrings (
      lib.concatLists (
        lib.mapAttrsToList (
          key: value: map (one: "${key}=${valueText one}\n") (lib.toList value)
        ) attributes
      )
    );

  triggers =
    name: kind: list:
    "${pkgs.writeText "X-${kind}-Triggers-${name}" (toString (lib.flatten list))}";

  unitSection =
    name: service:
    optionalAttrs (service.requires != [ ]) { Requires = toString service.requires; }
    // optionalAttrs (service.wants != [ ]) { Wants = toString service.wants; }
    // optionalAttrs (service.after != [ ]) { After = toString service.after; }
    // optionalAttrs (service.before != [ ]) { Before = toString service.before; }
    // optionalAttrs (service.bindsTo != [ ]) { BindsTo = toString service.bindsTo; }
    // optionalAttrs (service.partOf != [ ]) { PartOf = toString service.partOf; }
    // optionalAttrs (service.conflicts != [ ]) { Conflicts = toString service.conflicts; }
    // optionalAttrs (service.onFailure != [ ]) { OnFailure = toString service.onFailure; }
    // optionalAttrs (service.onSuccess != [ ]) { OnSuccess = toString service.onSuccess; }
    // optionalAttrs (service.restartTriggers != [ ]) {
      X-Restart-Triggers = triggers name "Restart" service.restartTriggers;
    }
    // optionalAttrs (service.reloadTriggers != [ ]) {
      X-Reload-Triggers = triggers name "Reload" service.reloadTriggers;
    }
    // optionalAttrs (service.description != null) { Description = service.description; }
    // optionalAttrs (service.startLimitIntervalSec != null) {
      StartLimitIntervalSec = toString service.startLimitIntervalSec;
    }
    // optionalAttrs (service.startLimitBurst != null) {
      StartLimitBurst = toString service.startLimitBurst;
    }
    // service.unitConfig;

  serviceSection =
    service: environment:
    "[Service]\n"
    + lib.concatStrings (
      lib.mapAttrsToList (key: value: "Environment=${builtins.toJSON "${key}=${value}"}\n") environment
    )
    + optionalString (!service.restartIfChanged) "X-RestartIfChanged=false\n"
    + optionalString (!service.stopIfChanged) "X-StopIfChanged=false\n"
    + lines service.serviceConfig;
  # NixOS turns these into links.
  installSection =
    { aliases, wantedBy, ... }:
    optionalString (aliases != [ ] || wantedBy != [ ]) (
      "\n[Install]\n"
      + lines (
        optionalAttrs (aliases != [ ]) { Alias = toString aliases; }
        // optionalAttrs (wantedBy != [ ]) { WantedBy = toString wantedBy; }
      )
    );
in
{
  # The additions to a package's own unit.
  dropIn =
    service:
    let
      order = lib.filterAttrs (_: value: value != "") {
        Wants = toString service.wants;
        After = toString service.after;
        StartLimitIntervalSec = toString service.startLimitIntervalSec;
      };
    in
    optionalString (order != { }) "[Unit]\n${lines order}\n"
    + serviceSection service (lib.removeAttrs service.environment [ "PATH" ]);

  service =
    name: service:
    "[Unit]\n${lines (unitSection name service)}\n"
    + serviceSection service service.environment
    + installSection service;

  socket =
    {
      description,
      socketConfig,
      ...
    }@socket:
    "[Unit]\n${lines { Description = description; }}\n[Socket]\n${lines socketConfig}"
    + installSection socket;
}
