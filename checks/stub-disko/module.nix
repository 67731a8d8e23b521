# Only disko's own names: there is no freeform type, so a misspelt option fails here as in disko.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  declare = type: default: mkOption { inherit type default; };
  required = type: mkOption { inherit type; };
  strings = declare (types.listOf types.str) [ ];

  content = types.submodule {
    options = {
      type = required (
        types.enum [
          "filesystem"
          "swap"
        ]
      );
      format = declare (types.nullOr types.str) null;
      mountpoint = declare (types.nullOr types.str) null;
      mountOptions = strings;
    };
  };

  partition = types.submodule {
    options = {
      priority = declare types.int 1000;
      size = required (types.strMatching "100%|[0-9]+[KMGTP]");
      type = declare (types.strMatching "[0-9A-F]{4}") "8300";
      content = declare (types.nullOr content) null;
    };
  };

  disk = types.submodule {
    options = {
      type = required (types.enum [ "disk" ]);
      device = required types.str;
      content = {
        type = required (types.enum [ "gpt" ]);
        partitions = required (types.attrsOf partition);
      };
    };
  };

  disks = config.disko.devices.disk;

  # Every partition with the name that udev gives it.
  placed = lib.concatLists (
    lib.mapAttrsToList (
      disk:
      { content, ... }:
      lib.mapAttrsToList (
        name: partition: partition // { path = "/dev/disk/by-partlabel/disk-${disk}-${name}"; }
      ) content.partitions
    ) disks
  );
  holding =
    type: lib.filter (partition: partition.content != null && partition.content.type == type) placed;
in
{
  options.disko.devices.disk = declare (types.attrsOf disk) { };

  config = {
    fileSystems = lib.listToAttrs (
      map (
        { path, content, ... }:
        lib.nameValuePair content.mountpoint {
          device = path;
          fsType = content.format;
          options = content.mountOptions;
        }
      ) (holding "filesystem")
    );
    swapDevices = map ({ path, ... }: { device = path; }) (holding "swap");
    # A partition for GRUB under BIOS makes disko name the disk to GRUB.
    boot.loader.grub.devices = lib.concatMap (
      { device, content, ... }:
      lib.optional (lib.any ({ type, ... }: type == "EF02") (lib.attrValues content.partitions)) device
    ) (lib.attrValues disks);
  };
}
