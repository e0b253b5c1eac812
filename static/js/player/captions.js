// What is said in a clip, as text over the picture while the sound is off. Asked for only of the clip on screen, and of
// our own server, which asks again who may see it.
const LINE = 3; // from the top: the words about the clip stand below

export function caption(video, clip, wanted) {
  let track = video.querySelector("track");
  if (track?.dataset.clip !== clip) {
    track?.remove();
    track = document.createElement("track");
    track.kind = "captions";
    track.dataset.clip = clip;
    track.addEventListener("load", () => raise(track.track));
    track.src = `/clips/${clip}/captions.vtt`;
    video.append(track);
  }
  track.track.mode = wanted ? "showing" : "hidden";
}

function raise(text) {
  for (const cue of text.cues ?? []) cue.line = LINE;
}
