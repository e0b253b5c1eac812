// A short sentence that a screen reader says too.
export function toast(text) {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const line = document.createElement("div");
  line.className = "toast";
  line.textContent = text;
  region.append(line);
  setTimeout(() => line.remove(), 6000);
}
