// One way to talk to our own API: JSON in, JSON out, CSRF sent, refusals thrown with the server's sentence.
export class Refused extends Error {
  constructor(status, body) {
    super(body?.message || body?.detail || document.documentElement.dataset.offline || "Offline");
    this.status = status;
    this.code = body?.code || "";
    this.hint = body?.hint || "";
  }
}

export function csrf() {
  return document.querySelector('meta[name="csrf"]')?.content || "";
}

export async function send(method, url, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrf();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refused(0, null);
  }
  const text = await answer.text();
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    data = null;
  }
  if (!answer.ok) throw new Refused(answer.status, data);
  return data;
}
