# The server's disk, which nixos-anywhere erases and divides like this. GRUB boots it under BIOS and under UEFI.
{ config, ... }:
let
  inherit (config.disko.devices.disk.main) device;
  placeholder = "/dev/the-servers-disk";
in
{
  disko.devices.disk.main = {
    type = "disk";
    # What `lsblk` calls the server's disk: /dev/sda, /dev/vda or /dev/nvme0n1.
    device = placeholder;
    content = {
      type = "gpt";
      partitions = {
        # GRUB's own place under BIOS. It makes disko set boot.loader.grub.devices: set no device of your own beside it.
        bios = {
          priority = 1;
          size = "1M";
          type = "EF02";
        };
        # Kernels lie here, and what UEFI starts.
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
        # An encoder that runs out of memory ends the stream; slow is better.
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
    # UEFI finds it without an entry in the firmware, which rented machines forget.
    efiInstallAsRemovable = true;
    # So many kernels have room on /boot.
    configurationLimit = 10;
  };

  assertions = [
    {
      assertion = device != placeholder;
      message = "disko.devices.disk.main.device is still the template's: give the disk that is to be erased, as `lsblk` on the server names it, such as /dev/sda or /dev/vda.";
    }
  ];
}
