# What every unit of Lectern's starts from: no privilege, nothing to write to, no device, loopback and system calls of an
# ordinary service; and bounds on memory and tasks that protect the machine and the other stages (docs/nixos.md has the measured
# peaks). A unit that needs more says so beside it, with the reason.
{
  CapabilityBoundingSet = "";
  AmbientCapabilities = "";
  NoNewPrivileges = true;
  RestrictSUIDSGID = true;

  ProtectSystem = "strict";
  ProtectHome = true;
  PrivateTmp = true;
  PrivateMounts = true;
  PrivateDevices = true;
  DevicePolicy = "closed";
  ProtectProc = "invisible";
  ProcSubset = "pid";
  UMask = "0077";
  RemoveIPC = true;
  KeyringMode = "private";

  ProtectKernelTunables = true;
  ProtectKernelModules = true;
  ProtectKernelLogs = true;
  ProtectControlGroups = true;
  ProtectClock = true;
  ProtectHostname = true;
  LockPersonality = true;
  RestrictRealtime = true;
  RestrictNamespaces = true;
  MemoryDenyWriteExecute = true;

  RestrictAddressFamilies = [
    "AF_UNIX"
    "AF_INET"
    "AF_INET6"
  ];
  IPAddressDeny = "any";
  IPAddressAllow = "localhost";

  SystemCallArchitectures = "native";
  SystemCallErrorNumber = "EPERM";
  SystemCallFilter = [
    "@system-service"
    "~@privileged @resources"
  ];

  # Four times what a program of Lectern's takes at most.
  MemoryMax = "512M";
  TasksMax = 256;
}
