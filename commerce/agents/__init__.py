"""Shopping agents: one core (`sessions`), and two thin adapters that speak ACP and UCP to it."""
