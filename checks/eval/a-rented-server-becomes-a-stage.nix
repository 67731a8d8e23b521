# Proves: the template for rented servers asks for its owner's values, boots under BIOS and UEFI from the named disk, and is
# otherwise like the template. Disko is a stand-in (../stub-disko): this test partitions no disk.
{
  lib,
  lectern,
  nixos,
  build,
  refusals,
  ...
}:
let
  rented =
    extra:
    nixos (
      [
        lectern
        ../stub-disko/module.nix
        ../../template-rented/configuration.nix
        ../../template-rented/disk.nix
      ]
      ++ extra
    );
  domain.services.lectern.stages.main.domain = lib.mkForce "live.test";
  key.users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA me" ];
  disk.disko.devices.disk.main.device = lib.mkForce "/dev/vda";
  whole = [
    domain
    key
    disk
  ];
  optionsIn =
    messages: lib.naturalSort (map (message: lib.head (lib.splitString " " message)) messages);
  asked = extra: optionsIn (refusals (rented extra));
  server = rented whole;
  inherit (server) boot;
in
{
  "the unchanged template asks for a host name, a key and the disk to erase" = {
    expr = asked [ ];
    expected = [
      "disko.devices.disk.main.device"
      "services.lectern.stages.main.domain"
      "users.users.root.openssh.authorizedKeys.keys"
    ];
  };

  "with two of these values it asks for the third" = {
    expr = map asked [
      [
        key
        disk
      ]
      [
        domain
        disk
      ]
      [
        domain
        key
      ]
    ];
    expected = [
      [ "services.lectern.stages.main.domain" ]
      [ "users.users.root.openssh.authorizedKeys.keys" ]
      [ "disko.devices.disk.main.device" ]
    ];
  };

  "with all three values it builds" = {
    expr = build server;
    expected = "builds";
  };

  "the named disk boots under BIOS and under UEFI" = {
    expr = {
      inherit (boot.loader.grub) devices efiSupport efiInstallAsRemovable;
    };
    expected = {
      devices = [ "/dev/vda" ];
      efiSupport = true;
      efiInstallAsRemovable = true;
    };
  };

  "a second boot device is refused by NixOS" = {
    expr = refusals (rented (whole ++ [ { boot.loader.grub.device = "/dev/vda"; } ]));
    expected = [ "You cannot have duplicated devices in mirroredBoots" ];
  };

  "root, boot and swap are partitions of that disk, found by their names" = {
    expr = {
      fileSystems = lib.mapAttrs (_: { device, fsType, ... }: "${fsType} ${device}") server.fileSystems;
      swap = map ({ device, ... }: device) server.swapDevices;
    };
    expected = {
      fileSystems = {
        "/" = "ext4 /dev/disk/by-partlabel/disk-main-root";
        "/boot" = "vfat /dev/disk/by-partlabel/disk-main-esp";
      };
      swap = [ "/dev/disk/by-partlabel/disk-main-swap" ];
    };
  };

  "GRUB's own partition comes first, and the root partition uses the remaining space" = {
    expr = map ({ name, value }: name + " " + value.size) (
      lib.sort (a: b: a.value.priority < b.value.priority) (
        lib.attrsToList server.disko.devices.disk.main.content.partitions
      )
    );
    expected = [
      "bios 1M"
      "esp 1G"
      "swap 4G"
      "root 100%"
    ];
  };

  "the stage's declaration is the same as in the other template, word for word" = {
    expr = lib.readFile ../../template-rented/configuration.nix;
    expected = lib.readFile ../../template/configuration.nix;
  };
}
