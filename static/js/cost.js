// Puts what something costs into the marked places of `root` (templates/generation/_cost.html).
export function showCost(root, { estimate, balance }) {
  const part = (name) => root.querySelector(`[data-${name}]`);
  const wait = part("wait");
  wait.textContent = wait.dataset.words.replace("LOW", estimate.wait_s_low).replace("HIGH", estimate.wait_s_high);
  part("credits").textContent = estimate.credits;
  part("balance").textContent = balance;
  part("compute").textContent = Math.round(estimate.compute_s);
  part("energy").textContent = estimate.watt_hours;
}
