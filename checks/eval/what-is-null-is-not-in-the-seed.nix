# Proves: the seed leaves out null ("not managed") at every depth, and keeps values that are empty on purpose.
{
  lib,
  seed,
  host,
  rendered,
  ...
}:
let
  renderedWith = settings: rendered (host [ { inherit settings; } ]) "main";

  holdsNull =
    value:
    if lib.isAttrs value then
      lib.any holdsNull (lib.attrValues value)
    else if lib.isList value then
      lib.any holdsNull value
    else
      value == null;
in
{
  "the rendered seed is the same as the seed in the file" = {
    expr = renderedWith { };
    expected = seed;
  };

  "the rendered seed contains no null" = {
    expr = holdsNull (renderedWith {
      instance.summary = null;
      chat.enabled = null;
    });
    expected = false;
  };

  "an optional field of a list's entry is left out" = {
    expr = lib.attrNames (lib.head (renderedWith { }).video.ladder);
    expected = [
      "bitrateKbps"
      "framerate"
      "height"
      "name"
      "width"
    ];
  };

  "a field set to null in a list's entry is left out" = {
    expr =
      (renderedWith {
        access.streamKeys = [
          {
            secret = "stream-key";
            comment = null;
          }
        ];
      }).access.streamKeys;
    expected = [ { secret = "stream-key"; } ];
  };

  "a group without a managed setting is left out" = {
    expr = (renderedWith { chat.enabled = null; }) ? chat;
    expected = false;
  };

  "the empty text, the empty list and false are kept" = {
    expr =
      let
        result = renderedWith {
          instance = {
            summary = "";
            tags = [ ];
          };
          chat.enabled = false;
        };
      in
      [
        result.instance.summary
        result.instance.tags
        result.chat.enabled
      ];
    expected = [
      ""
      [ ]
      false
    ];
  };
}
