# The same host with another seed: another page, a chat that is closed, one more key. And with another playlist keeper,
# which answers a monitoring too.
{
  imports = [ ./one.nix ];

  services.lectern.stages.main.grace = 45;
  services.lectern.stages.main.ports.keeper = 8090;

  services.lectern.stages.main.settings = {
    instance.name = "Light stage, second evening";
    instance.offlineMessage = "Back next week.";
    chat.enabled = false;
    access.streamKeys = [
      { secret = "stream-key"; }
      {
        secret = "stream-key-second";
        comment = "second camera";
      }
    ];
  };
}
