# The same host with a private stage that allows rehearsals.
{
  imports = [ ./one.nix ];

  services.lectern.stages.main = {
    viewers.allow = [
      "192.0.2.0/24"
      "2001:db8::/32"
    ];
    viewers.password.file = "/run/secrets/viewers-password";
    admin.allow = [ "203.0.113.0/24" ];
    settings.rehearsal.enable = true;
  };
}
