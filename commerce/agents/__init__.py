"""Shopping agents: one core (`core`), and two thin adapters that speak ACP and UCP to it."""
