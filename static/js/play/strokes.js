// Replays display lists (model/scene/strokes.py) on a canvas: the same entries that skia replays elsewhere.
const MODES = ["source-over", "source-atop", "multiply"];
const INK = "rgba(26, 18, 36, 0.4)";
const CELLS_A_ROW = 10, CELL_ROWS = 4;

const rgba = ([r, g, b, a]) => `rgba(${r},${g},${b},${a})`;

// What one play has told so far: paints by number, pictures by name.
export class Kit {
  constructor() {
    this.paints = [];
    this.images = new Map();
    this.sheet = document.createElement("canvas");
    this.outline = document.createElement("canvas");
  }

  async take(images) {
    await Promise.all(Object.entries(images).map(async ([name, data]) => {
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      this.images.set(name, await createImageBitmap(new Blob([bytes], { type: "image/webp" })));
    }));
  }
}

export function draw(ctx, entries, kit, scale) {
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  replay(ctx, entries, kit, scale);
}

function replay(ctx, entries, kit, scale) {
  const base = ctx.getTransform();
  for (const entry of entries) {
    switch (entry[0]) {
      case "s": ctx.save(); break;
      case "r": ctx.restore(); break;
      case "b": ctx.setTransform(base); break;
      case "t": ctx.translate(entry[1], entry[2]); break;
      case "o": ctx.rotate((entry[1] * Math.PI) / 180); break;
      case "z": ctx.scale(entry[1], entry[2]); break;
      case "k": ctx.clip(new Path2D(entry[1])); break;
      case "i": picture(ctx, kit, entry); break;
      case "I": pictureIn(ctx, kit, entry); break;
      case "g": group(ctx, kit, entry, scale); break;
      default: shape(ctx, kit, entry);
    }
  }
}

function shape(ctx, kit, entry) {
  const path = outline(entry);
  const paint = kit.paints[entry[0] === "n" ? entry[1] : entry[entry.length - 1]];
  if (!paint || !path) return;
  const [colour, line, wash, mode] = paint;
  const ink = wash ? gradient(ctx, wash, colour[3]) : rgba(colour);
  ctx.globalCompositeOperation = MODES[mode];
  if (line) {
    [ctx.lineWidth, ctx.lineCap] = line;
    ctx.lineJoin = "round";
    ctx.strokeStyle = ink;
    ctx.stroke(path);
  } else {
    ctx.fillStyle = ink;
    ctx.fill(path);
  }
  ctx.globalCompositeOperation = "source-over";
}

function outline(entry) {
  const [name, a, b, c, d, e, f] = entry;
  if (name === "p") return new Path2D(a);
  const path = new Path2D();
  if (name === "c") path.arc(a, b, Math.max(0, c), 0, 2 * Math.PI);
  else if (name === "e") path.ellipse((a + c) / 2, (b + d) / 2, Math.abs(c - a) / 2, Math.abs(d - b) / 2, 0, 0, 2 * Math.PI);
  else if (name === "q") path.rect(a, b, c - a, d - b);
  else if (name === "R") rounded(path, a, b, c, d, e, f);
  else if (name === "l") { path.moveTo(a, b); path.lineTo(c, d); }
  else if (name === "a") {
    const from = (e * Math.PI) / 180, to = ((e + f) * Math.PI) / 180;
    path.ellipse((a + c) / 2, (b + d) / 2, Math.abs(c - a) / 2, Math.abs(d - b) / 2, 0, from, to, f < 0);
  } else if (name === "n") {
    for (let k = 2; k + 3 < entry.length; k += 4) { path.moveTo(entry[k], entry[k + 1]); path.lineTo(entry[k + 2], entry[k + 3]); }
  } else return null;
  return path;
}

function rounded(path, x0, y0, x1, y1, rx, ry) {
  const w = x1 - x0, h = y1 - y0;
  const x = Math.min(rx, w / 2), y = Math.min(ry, h / 2);
  path.roundRect(x0, y0, w, h, { x: Math.max(0, x), y: Math.max(0, y) });
}

function gradient(ctx, [kind, where, stops], alpha) {
  const made = kind === "L" ? ctx.createLinearGradient(...where) : ctx.createRadialGradient(where[0], where[1], 0, where[0], where[1], Math.max(where[2], 1e-4));
  for (const [at, [r, g, b, a]] of stops) made.addColorStop(at, rgba([r, g, b, a * alpha]));
  return made;
}

function picture(ctx, kit, [, name, x, y, alpha, mode]) {
  const image = kit.images.get(name);
  if (!image) return;
  ctx.globalAlpha = alpha;
  ctx.globalCompositeOperation = MODES[mode];
  ctx.drawImage(image, x, y);
  ctx.globalAlpha = 1;
  ctx.globalCompositeOperation = "source-over";
}

// A picture stretched into a rectangle; "f0:12" is the cell of a sheet of poses.
function pictureIn(ctx, kit, [, name, x0, y0, x1, y1, alpha]) {
  const [sheet, cell] = name.split(":");
  const image = kit.images.get(sheet);
  if (!image) return;
  ctx.globalAlpha = alpha;
  if (cell === undefined) ctx.drawImage(image, x0, y0, x1 - x0, y1 - y0);
  else {
    const w = image.width / CELLS_A_ROW, h = image.height / CELL_ROWS;
    ctx.drawImage(image, (cell % CELLS_A_ROW) * w, Math.floor(cell / CELLS_A_ROW) * h, w, h, x0, y0, x1 - x0, y1 - y0);
  }
  ctx.globalAlpha = 1;
}

// A figure on a sheet of its own, laid down with a soft shadow and a light rim.
function group(ctx, kit, [, [k, ox, oy], shadow, rim, entries, [x0, y0, x1, y1]], scale) {
  const width = Math.max(1, Math.ceil((x1 - x0) * scale)), height = Math.max(1, Math.ceil((y1 - y0) * scale));
  const inner = clean(kit.sheet, width, height);
  inner.setTransform(k * scale, 0, 0, k * scale, (ox - x0) * scale, (oy - y0) * scale);
  replay(inner, entries, kit, scale);
  inner.setTransform(1, 0, 0, 1, 0, 0);
  const put = (what, dx, dy) => ctx.drawImage(what, 0, 0, width, height, x0 * scale + dx, y0 * scale + dy, width, height);
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  if (shadow) {
    const off = 0.014 * k * scale;
    ctx.shadowColor = INK;
    [ctx.shadowOffsetX, ctx.shadowOffsetY, ctx.shadowBlur] = [off, 1.2 * off, 2 * off];
    put(kit.sheet, 0, 0);
    ctx.shadowColor = "transparent";
  }
  if (rim) {
    const mask = clean(kit.outline, width, height);
    mask.drawImage(kit.sheet, 0, 0, width, height, 0, 0, width, height);
    mask.globalCompositeOperation = "source-atop";
    mask.fillStyle = rgba([...rim, 1]);
    mask.fillRect(0, 0, width, height);
    mask.globalCompositeOperation = "source-over";
    const r = Math.max(1, 0.0042 * k * scale);
    for (let n = 0; n < 8; n += 1) put(kit.outline, r * Math.cos((n * Math.PI) / 4), r * Math.sin((n * Math.PI) / 4));
  }
  put(kit.sheet, 0, 0);
  ctx.restore();
}

function clean(canvas, width, height) {
  if (canvas.width < width) canvas.width = width;
  if (canvas.height < height) canvas.height = height;
  const ctx = canvas.getContext("2d");
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}
