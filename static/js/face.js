// Where the face is, how far away, and how far the head has gone from where it rested. A guide: the server decides.
const WIDE = 192;
// The nose's way from its resting place, in face widths, at which a movement is far enough (11 and 8 degrees).
const FAR = { left: 0.12, right: 0.12, up: 0.085, down: 0.085 };
const BACK = 0.5;

// Asks the worker about one picture at a time; `seen(faces, aspect)` hears of each answer, in shares of the picture.
export function watch(video, { worker, weights, seen }) {
  const finder = new Worker(worker);
  const canvas = document.createElement("canvas");
  let height = 0;
  const next = () => {
    if (!video.videoWidth || document.hidden) { timer = setTimeout(next, 200); return; }
    height = Math.round((WIDE * video.videoHeight) / video.videoWidth);
    [canvas.width, canvas.height] = [WIDE, height];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0, WIDE, height);
    finder.postMessage({ data: context.getImageData(0, 0, WIDE, height).data, width: WIDE, height });
  };
  let timer = 0;
  finder.onmessage = ({ data }) => {
    if (data.faces) seen(data.faces.map((face) => scaled(face, height)));
    timer = setTimeout(next, 60);
  };
  finder.postMessage({ weights });
  return () => { clearTimeout(timer); finder.terminate(); };
}

function scaled(face, height) {
  return { x: face.x / WIDE, y: face.y / height, width: face.width / WIDE, height: face.height / height, nose: [face.points[2][0] / face.width, face.points[2][1] / face.width] };
}

// What is wrong with the framing: a word of the page, or "good".
export function framing(faces) {
  if (!faces.length) return "nobody";
  if (faces.length > 1 && faces[1].height > 0.08) return "many";
  const [face] = faces;
  if (face.height < 0.3) return "near";
  if (face.height > 0.78) return "far";
  const [x, y] = [face.x + face.width / 2, face.y + face.height / 2];
  return Math.abs(x - 0.5) > 0.17 || Math.abs(y - 0.47) > 0.2 ? "middle" : "good";
}

// Follows one movement after another. `rest(face)` while still, then `moved(kind, face)`: share 0-1, and whether it
// was reached and has come back.
export class Movement {
  constructor() { this.places = []; this.begin(); }

  begin() { this.reached = false; this.done = false; this.share = 0; }

  rest(face) {
    this.places.push(face.nose);
    if (this.places.length > 15) this.places.shift();
  }

  moved(kind, face) {
    if (!this.places.length) this.rest(face);
    const middle = [0, 1].map((axis) => median(this.places.map((place) => place[axis])));
    const [right, down] = [face.nose[0] - middle[0], face.nose[1] - middle[1]];
    // In the unmirrored picture the person's own left is on the right.
    const way = { left: right, right: -right, up: -down, down }[kind];
    this.share = Math.max(0, Math.min(1, way / FAR[kind]));
    if (this.share >= 1) this.reached = true;
    if (this.reached && this.share < BACK) this.done = true;
    return this;
  }
}

function median(values) { return [...values].sort((a, b) => a - b)[values.length >> 1]; }
