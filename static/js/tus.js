// Sends one blob by tus 1.0 in pieces, each with its checksum; a broken connection goes on where it stopped.
import { Refused, csrf } from "./http.js";

const PIECE = 512 * 1024;
const WAITS = [1, 2, 4, 8, 15];
const TUS = { "Tus-Resumable": "1.0.0", Accept: "application/json" };

function base64(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text);
}

async function ask(method, url, headers, body, signal) {
  let answer;
  try {
    answer = await fetch(url, { method, headers: { ...TUS, "X-CSRFToken": csrf(), ...headers }, body, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, null);
  }
  if (answer.ok) return answer;
  throw new Refused(answer.status, await answer.json().catch(() => null));
}

// Announces the blob; returns the address to send it to.
export async function announce(uploads, blob, purpose) {
  const metadata = `purpose ${btoa(purpose)}`;
  const answer = await ask("POST", uploads, { "Upload-Length": String(blob.size), "Upload-Metadata": metadata });
  return answer.headers.get("Location");
}

// Sends until everything is there. `tell(share, isOffline)` hears of progress; only a real refusal is thrown.
export async function sendAll(url, blob, { tell, signal }) {
  let tries = 0;
  let offset = await arrived(url, signal);
  while (offset < blob.size) {
    try {
      offset = await sendPiece(url, blob, offset, signal);
      tries = 0;
      tell(offset / blob.size, false);
    } catch (error) {
      if (!(error instanceof Refused) || (error.status && ![409, 423, 460, 500, 502, 503, 504].includes(error.status))) throw error;
      tell(offset / blob.size, error.status === 0);
      await pause(WAITS[Math.min(tries++, WAITS.length - 1)] * 1000, signal);
      offset = await arrived(url, signal).catch((again) => {
        if (again.status) throw again;
        return offset;
      });
    }
  }
}

async function arrived(url, signal) {
  const answer = await ask("HEAD", url, {}, undefined, signal);
  return Number(answer.headers.get("Upload-Offset"));
}

async function sendPiece(url, blob, offset, signal) {
  const piece = await blob.slice(offset, offset + PIECE).arrayBuffer();
  const digest = base64(await crypto.subtle.digest("SHA-256", piece));
  const headers = {
    "Upload-Offset": String(offset),
    "Upload-Checksum": `sha256 ${digest}`,
    "Content-Type": "application/offset+octet-stream",
  };
  const answer = await ask("PATCH", url, headers, piece, signal);
  return Number(answer.headers.get("Upload-Offset"));
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => { clearTimeout(timer); reject(new DOMException("", "AbortError")); }, { once: true });
  });
}
