// Finds faces in small pictures, away from the page: YuNet (static/vendor/yunet) written out in plain loops, about 20
// million multiplications a picture. In: {weights: address} once, then {data, width, height} of RGBA pixels.
// Out: {faces: [{x, y, width, height, score, points: [right eye, left eye, nose, right and left mouth corner]}]}.
let weights = null;
let at = 0;

self.onmessage = async ({ data }) => {
  if (data.weights) {
    const answer = await fetch(data.weights);
    weights = new Float32Array(await answer.arrayBuffer());
    self.postMessage({ ready: true });
  } else if (weights) {
    self.postMessage({ faces: find(data.data, data.width, data.height) });
  }
};

const take = (count) => { at += count; return weights.subarray(at - count, at); };
const map = (planes, width, height) => ({ planes, width, height, values: new Float32Array(planes * width * height) });

// 3 x 3, with one step of padding; `groups` as in the paper: all planes together, or each by itself.
function spatial(input, planes, isEachAlone, stride) {
  const { width, height } = input;
  const out = map(planes, Math.ceil(width / stride), Math.ceil(height / stride));
  const inside = isEachAlone ? 1 : input.planes;
  const kernel = take(planes * inside * 9);
  const bias = take(planes);
  for (let o = 0; o < planes; o += 1) {
    const target = o * out.width * out.height;
    out.values.fill(bias[o], target, target + out.width * out.height);
    for (let i = 0; i < inside; i += 1) {
      const source = (isEachAlone ? o : i) * width * height;
      for (let k = 0; k < 9; k += 1) {
        const weight = kernel[(o * inside + i) * 9 + k];
        const down = Math.floor(k / 3) - 1;
        const across = (k % 3) - 1;
        for (let y = 0; y < out.height; y += 1) {
          const row = y * stride + down;
          if (row < 0 || row >= height) continue;
          const first = across < 0 ? 1 : 0;
          for (let x = first; x < out.width; x += 1) {
            const column = x * stride + across;
            if (column < width) out.values[target + y * out.width + x] += weight * input.values[source + row * width + column];
          }
        }
      }
    }
  }
  return out;
}

// 1 x 1: each plane out is a weighted sum of the planes in.
function mixed(input, planes) {
  const out = map(planes, input.width, input.height);
  const kernel = take(planes * input.planes);
  const bias = take(planes);
  const size = input.width * input.height;
  for (let o = 0; o < planes; o += 1) {
    const target = out.values.subarray(o * size, (o + 1) * size).fill(bias[o]);
    for (let i = 0; i < input.planes; i += 1) {
      const weight = kernel[o * input.planes + i];
      const source = input.values.subarray(i * size, (i + 1) * size);
      for (let n = 0; n < size; n += 1) target[n] += weight * source[n];
    }
  }
  return out;
}

function relu(input) {
  const { values } = input;
  for (let n = 0; n < values.length; n += 1) if (values[n] < 0) values[n] = 0;
  return input;
}

const unit = (input, planes) => spatial(mixed(input, planes), planes, true, 1);
const layer = (input, planes) => relu(unit(input, planes));

function halved(input) {
  const out = map(input.planes, input.width / 2, input.height / 2);
  for (let p = 0; p < input.planes; p += 1) {
    for (let y = 0; y < out.height; y += 1) {
      for (let x = 0; x < out.width; x += 1) {
        const n = p * input.width * input.height + 2 * y * input.width + 2 * x;
        const { values } = input;
        out.values[(p * out.height + y) * out.width + x] = Math.max(values[n], values[n + 1], values[n + input.width], values[n + input.width + 1]);
      }
    }
  }
  return out;
}

function plusDoubled(fine, coarse) {
  for (let n = 0; n < fine.values.length; n += 1) {
    const x = n % fine.width;
    const y = Math.floor(n / fine.width) % fine.height;
    const p = Math.floor(n / (fine.width * fine.height));
    fine.values[n] += coarse.values[(p * coarse.height + (y >> 1)) * coarse.width + (x >> 1)];
  }
  return fine;
}

// The network takes blue, green, red, 0-255, with sides that 32 divides; what is missing stays black.
function pixels(data, width, height) {
  const input = map(3, Math.ceil(width / 32) * 32, Math.ceil(height / 32) * 32);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < 3; c += 1) input.values[(c * input.height + y) * input.width + x] = data[4 * (y * width + x) + 2 - c];
    }
  }
  return input;
}

function find(data, width, height) {
  at = 0;
  let x = relu(spatial(pixels(data, width, height), 16, false, 2));
  x = halved(layer(x, 16));
  x = layer(layer(layer(layer(x, 16), 32), 32), 64);
  const eighth = layer(layer(halved(x), 64), 64);
  const sixteenth = layer(layer(halved(eighth), 64), 64);
  const coarse = layer(layer(layer(halved(sixteenth), 64), 64), 64);
  const middle = layer(plusDoubled(sixteenth, coarse), 64);
  const fine = layer(plusDoubled(eighth, middle), 64);
  const levels = [fine, middle, coarse];
  const heads = (planes) => levels.map((level) => unit(level, planes));
  const [classes, boxes, objects, points] = [heads(1), heads(4), heads(1), heads(10)];
  return best(levels.flatMap((level, n) => read(level, 8 << n, classes[n].values, boxes[n].values, objects[n].values, points[n].values)));
}

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

function read({ width, height }, stride, classes, boxes, objects, points) {
  const faces = [];
  const size = width * height;
  for (let n = 0; n < size; n += 1) {
    const score = Math.sqrt(sigmoid(classes[n]) * sigmoid(objects[n]));
    if (score < 0.6) continue;
    const [column, row] = [n % width, Math.floor(n / width)];
    const [w, h] = [Math.exp(boxes[2 * size + n]) * stride, Math.exp(boxes[3 * size + n]) * stride];
    const [x, y] = [(column + boxes[n]) * stride - w / 2, (row + boxes[size + n]) * stride - h / 2];
    const place = (i) => [(points[2 * i * size + n] + column) * stride, (points[(2 * i + 1) * size + n] + row) * stride];
    faces.push({ x, y, width: w, height: h, score, points: [0, 1, 2, 3, 4].map(place) });
  }
  return faces;
}

function shared(a, b) {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const both = Math.max(0, across) * Math.max(0, down);
  return both / (a.width * a.height + b.width * b.height - both);
}

// The surest of each heap that overlaps, largest first.
function best(faces) {
  const kept = [];
  for (const face of faces.sort((a, b) => b.score - a.score)) if (kept.every((other) => shared(face, other) < 0.3)) kept.push(face);
  return kept.sort((a, b) => b.width * b.height - a.width * a.height);
}
