// The camera, what it sees and hears, and a recording of it. Whoever opens it closes it.
const WANTED = {
  video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true },
};
// Safari records MP4 only; where both are there, MP4 is the smaller worry for everybody after us.
const KINDS = ["video/mp4;codecs=avc1.42E01E,mp4a.40.2", "video/mp4", "video/webm;codecs=vp8,opus", "video/webm"];

export const isSecure = () => window.isSecureContext;
export const isAble = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

export async function open(video) {
  const stream = await navigator.mediaDevices.getUserMedia(WANTED);
  video.srcObject = stream;
  await video.play();
  return stream;
}

export function close(stream, video) {
  for (const track of stream?.getTracks() || []) track.stop();
  if (video) video.srcObject = null;
}

export function record(stream) {
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: 2_500_000, audioBitsPerSecond: 96_000 });
  const parts = [];
  recorder.ondataavailable = (event) => { if (event.data.size) parts.push(event.data); };
  const blob = new Promise((resolve) => { recorder.onstop = () => resolve(new Blob(parts, { type: mimeType })); });
  recorder.start(1000);
  return { stop: () => { if (recorder.state !== "inactive") recorder.stop(); return blob; } };
}

// Light (0-255) and sharpness (0-100) in the middle of the picture.
export function look(video, canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  [canvas.width, canvas.height] = [96, 72];
  context.drawImage(video, 0, 0, 96, 72);
  const { data } = context.getImageData(28, 10, 40, 50);
  let sum = 0;
  let edges = 0;
  const grey = new Float32Array(40 * 50);
  for (let i = 0; i < grey.length; i += 1) sum += grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  for (let i = 1; i < grey.length; i += 1) if (i % 40) edges += Math.abs(grey[i] - grey[i - 1]);
  const light = sum / grey.length;
  return { light, sharp: Math.min(100, (edges / grey.length) * (1200 / Math.max(light, 20))) };
}

// Loudness 0-100 of the microphone, as a function to ask; `.close()` ends it.
export function listen(stream) {
  const context = new AudioContext();
  context.resume().catch(() => {}); // Safari opens it asleep.
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  const loudness = () => {
    analyser.getFloatTimeDomainData(wave);
    const level = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
    return Math.max(0, Math.min(100, 100 + 40 * Math.log10(level + 1e-6) * 0.6));
  };
  loudness.close = () => context.close().catch(() => {});
  return loudness;
}
