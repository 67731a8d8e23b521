/** What the demo's camera says: words that small models know. */
export const talk = `Good morning, and welcome to this stage.

This stage was made from a text file. Nobody has clicked in an admin page. The camera that you see is only a test pattern, and I am its voice.

A small program on this machine hears each part of the sound. It writes down what I say. The words belong to the picture that you see now. They do not come some seconds later.

You can turn the words on in the player. You can also turn them off again. If the program that hears me is gone, the video goes on. When it comes back, the words come back too.

Nothing that I say leaves this machine. Thank you for watching.
`;
