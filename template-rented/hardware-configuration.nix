# A virtual server of KVM, as most rented ones are. nixos-anywhere can replace this file with what it finds on the machine
# (--generate-hardware-config). The disks are in disk.nix.
{ modulesPath, ... }:
{
  imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];

  nixpkgs.hostPlatform = "x86_64-linux";

  boot.initrd.availableKernelModules = [
    "ahci"
    "nvme"
    "sd_mod"
    "xhci_pci"
  ];
}
