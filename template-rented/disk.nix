# The server's disk. nixos-anywhere erases it and makes these partitions. GRUB boots it under BIOS and UEFI.
{ config, ... }:
let
  inherit (config.disko.devices.disk.main) device;
  placeholder = "/dev/the-servers-disk";
in
{
  disko.devices.disk.main = {
    type = "disk";
    # The disk's name in `lsblk`: /dev/sda, /dev/vda or /dev/nvme0n1.
    device = placeholder;
    content = {
      type = "gpt";
      partitions = {
        # For GRUB under BIOS. With it, disko sets boot.loader.grub.devices: set no other device.
        bios = {
          priority = 1;
          size = "1M";
          type = "EF02";
        };
        # Kernels, and the boot loader for UEFI.
        esp = {
          priority = 2;
          size = "1G";
          type = "EF00";
          content = {
            type = "filesystem";
            format = "vfat";
            mountpoint = "/boot";
            mountOptions = [ "umask=0077" ];
          };
        };
        # If an encoder runs out of memory, the stream ends. Swap makes it slow instead.
        swap = {
          priority = 3;
          size = "4G";
          content.type = "swap";
        };
        root = {
          size = "100%";
          content = {
            type = "filesystem";
            format = "ext4";
            mountpoint = "/";
          };
        };
      };
    };
  };

  boot.loader.grub = {
    efiSupport = true;
    # UEFI finds it without an entry in the firmware, which rented machines may lose.
    efiInstallAsRemovable = true;
    # /boot has room for this many kernels.
    configurationLimit = 10;
  };

  assertions = [
    {
      assertion = device != placeholder;
      message = "disko.devices.disk.main.device is still the template's: give the disk that is to be erased, as `lsblk` on the server names it, such as /dev/sda or /dev/vda.";
    }
  ];
}
